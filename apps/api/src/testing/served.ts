/** The API for tests: the whole application on a real line with a database of its own, listening on a port of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freshDatabase } from "@baton/db/testing";
import {
  createToken,
  ensureAdminToken,
  openLineAt,
  openWaitingRoom,
  type Principal,
  type WaitingRoom,
  waitingRoomOf,
} from "@baton/pipeline";
import { type Backend, openWaker } from "@baton/queue";
import { type Proxy, startProxy } from "@baton/queue/testing";
import { pino } from "pino";
import { afterAll } from "vitest";
import { buildApp } from "../app.ts";
import { type Drain, openDrain } from "../drain.ts";
import type { Parts } from "../parts.ts";
import { httpServer, listen } from "../server.ts";
import { UPLOADS, type UploadLimits } from "../upload.ts";
import { type Caller, caller } from "./caller.ts";
import { openLineBeside } from "./queue-lab.ts";

export interface Served {
  url: string;
  /** The way to the database, which a test may cut. */
  database_way: Proxy;
  /** Where the contents of artifacts lie. */
  store_folder: string;
  parts: Parts;
  drain: Drain;
  server: Server;
  /** How many long polls wait right now. */
  waiting(): number;
  /** How often the waker has called so far. */
  calls(): number;
  /** Every line logged so far. */
  log: string[];
  admin_token: string;
  admin: Caller;
  producer: Caller;
  agent: Caller;
  agent_token: string;
  as(token: string | null): Caller;
}

const ADMIN = "admin-token-for-the-tests";

const HOSTS = ["baton.example"];

interface ServeOptions {
  board_write?: boolean;
  auto_trigger?: boolean;
  uploads?: Partial<UploadLimits>;
  /** Where the queues lie; by default in the database. */
  queue?: Backend;
  /** Whether somebody looks for those who wait every few seconds, as in the real program. Else only a ticket wakes them. */
  looks?: boolean;
}

type AtEnd = (end: () => Promise<void>) => void;

/** Serves until the tests of the file are over; within a test `onTestFinished` says so, since `afterAll` counts for nothing there. */
export async function serve(options: ServeOptions = {}, atEnd: AtEnd = afterAll): Promise<Served> {
  const { url: database, drop } = await freshDatabase();
  const database_way = await startProxy(database, 5432);
  const database_url = database_way.url;
  const log: string[] = [];
  const logger = pino({ level: "debug" }, { write: (line: string) => void log.push(line) });
  const onError = (error: unknown) => logger.warn({ error: String(error) }, "behind the line");
  const store_folder = await mkdtemp(join(tmpdir(), "baton-api-"));
  const artifacts = { folder: store_folder };
  const settings = { database_url, redis_url: undefined, artifacts, connections: 6, onError };
  const opened = await (options.queue ? openLineBeside(options.queue, settings) : openLineAt(settings));
  const { room, waiting, calls } = watched(options.looks ? waitingRoomOf(opened.line) : openWaitingRoom());
  const waker = openWaker(opened.backend, { onTicket: (stage) => room.ticketAdded(stage), onError });
  const drain = openDrain();
  const { line, backend } = opened;
  const { board_write = false, auto_trigger = true, uploads } = options;
  const limits = { ...UPLOADS, ...uploads };
  const parts: Parts = {
    ...{ line, room, backend: backend.kind, log: logger, drain },
    ...{ board_write, auto_trigger, hosts: HOSTS, uploads: limits },
  };
  const server = httpServer(buildApp(parts));
  const url = await listen(server, 0, "127.0.0.1");
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
    await waker.close();
    await database_way.heal();
    await opened.close();
    await database_way.close();
    await drop();
    await rm(store_folder, { recursive: true, force: true });
  });
  await ensureAdminToken(line, ADMIN);
  const as = (token: string | null) => caller(url, token);
  const made = { admin_token: ADMIN, admin: as(ADMIN) };
  const producer = as(await tokenOf(made.admin, "producer"));
  const agent_token = await tokenOf(made.admin, "agent");
  const agent = as(agent_token);
  const machine = { url, database_way, store_folder, parts, drain, server, waiting, calls, log };
  return { ...machine, ...made, producer, agent, agent_token, as };
}

function watched(room: WaitingRoom): { room: WaitingRoom; waiting: () => number; calls: () => number } {
  let waiting = 0;
  let calls = 0;
  const wait: WaitingRoom["wait"] = async (...given) => {
    waiting += 1;
    await room.wait(...given).finally(() => (waiting -= 1));
  };
  const ticketAdded: WaitingRoom["ticketAdded"] = (stage) => {
    calls += 1;
    room.ticketAdded(stage);
  };
  return { room: { ...room, wait, ticketAdded }, waiting: () => waiting, calls: () => calls };
}

export async function tokenOf(admin: Caller, role: "admin" | "producer" | "agent"): Promise<string> {
  return (await admin.ok("createToken", { body: { name: `a ${role}`, role } })).token;
}

/** The admin of another workspace in the same database. */
export async function stranger({ parts, as }: Served): Promise<Caller> {
  const { rows } = { rows: await parts.line.db.run<{ id: string }>(NEW_WORKSPACE, []) };
  const who: Principal = {
    ...{ token_id: rows[0]?.id ?? "", workspace_id: rows[0]?.id ?? "", name: "stranger" },
    ...{ role: "admin", stages: null },
  };
  const made = await createToken(parts.line, who, { name: "stranger", role: "admin" });
  if (!made.ok) throw new Error(made.problem.detail);
  return as(made.value.token);
}

const NEW_WORKSPACE = {
  name: "new_workspace",
  text: "insert into workspaces (id, name) values (gen_random_uuid(), 'other') returning id",
};
