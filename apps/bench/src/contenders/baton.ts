/** Baton itself, as its programs run it: tasks come in through `createRun`, hosted workers serve the stages, a director watches. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { firstWorkspace, insertProject, newId, openDatabase } from "@baton/db";
import { ProjectSettings, STAGES } from "@baton/domain";
import { NewTask } from "@baton/domain/api";
import {
  type Assignment,
  createRun,
  type HostedResult,
  lookForWork,
  type OpenedLine,
  type OpenLine,
  openLineAt,
  type Principal,
  unsent,
} from "@baton/pipeline";
import { openConsumer } from "@baton/queue";
import { now } from "../clock.ts";
import type { Servers } from "../servers/index.ts";
import { eventFaults } from "./baton-events.ts";
import type { Contender, Desk, Place, Serving, Shift } from "./contender.ts";
import { startDirector } from "./director.ts";

const complain = (error: unknown): void => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
};

export const batonOnRedis: Contender = {
  name: "Baton on Redis",
  open: async (servers) => {
    await servers.wipeRedis();
    return openDesk(servers, { redis_url: servers.redis_url });
  },
  serve,
};

export const batonOnPostgres: Contender = {
  name: "Baton on Postgres",
  open: (servers) => openDesk(servers, {}),
  serve,
};

async function openDesk(servers: Servers, place: Place): Promise<Desk> {
  const database = await servers.freshDatabase();
  const opened = await openAt({ ...place, database_url: database.url }, complain);
  const { who, project_id } = await seed(database.url);
  const director = startDirector(opened.line);
  return {
    place: { ...place, database_url: database.url },
    submit: async (count) => {
      const tasks = Array.from({ length: count }, (_, i) => NewTask.parse({ title: `task ${i + 1}` }));
      const created = await createRun(opened.line, who, { project_id, name: "bench", tasks, options: {} });
      if (!created.ok) throw new Error(created.problem.detail);
      return created.value.tasks.map((task) => task.id);
    },
    sent: () => sent(opened.line),
    faults: (task_ids) => eventFaults(database.url, task_ids),
    close: async () => {
      await director.stop();
      await opened.close();
      await database.drop();
    },
  };
}

/** For all tickets of a submission to be in the queue, at most. */
const SEND_MS = 60_000;

/** The process tells the queue after its commits; what it leaves out, the director sends. */
async function sent(line: OpenLine): Promise<void> {
  const deadline = now() + SEND_MS;
  await line.settle();
  while ((await unsent(line)) > 0) {
    if (now() > deadline) throw new Error("the tickets do not get into the queue");
    await pause(20);
  }
}

function openAt({ database_url, redis_url }: Place, onError: (error: unknown) => void): Promise<OpenedLine> {
  if (database_url === undefined) throw new Error("Baton needs a database");
  // Nothing is put there: no task of the bench leaves a file.
  const artifacts = { folder: join(tmpdir(), "baton-bench-artifacts") };
  return openLineAt({ database_url, redis_url, artifacts, connections: 4, onError });
}

/** A project all of whose stages are served by hosted workers; no repository is ever looked at. */
async function seed(url: string): Promise<{ who: Principal; project_id: string }> {
  const db = openDatabase(url, { connections: 1 });
  const workspace_id = await db.transaction(firstWorkspace);
  const { id: project_id } = await insertProject(db, {
    ...{ id: newId(), workspace_id, name: "bench", primary_branch: "main", repository_url: "file:///bench" },
    ...{ settings: ProjectSettings.parse({}), hosted: [...STAGES] },
  });
  await db.close();
  return { who: { token_id: newId(), workspace_id, role: "producer", stages: null, name: "bench" }, project_id };
}

async function serve(shift: Shift): Promise<Serving> {
  const opened = await openAt(shift.place, shift.onError);
  const shutdown = new AbortController();
  const consumers = shift.stages.map((stage) => {
    const worker = {
      agent: { id: `bench-${stage}`, kind: "bench" },
      lease_ms: 30_000,
      shutdown: shutdown.signal,
      work: async ({ claimed }: Assignment) => resultOf(shift.work(claimed.id, stage)),
      accepted: async ({ claimed, stage: passed }: Assignment) => {
        if (passed === "docs") shift.finished(claimed.id);
      },
    };
    return openConsumer(opened.backend, stage, {
      concurrency: shift.concurrency,
      look: (ticket) => lookForWork(opened.line, ticket, worker),
      producer: opened.line.producer,
      onError: shift.onError,
    });
  });
  return {
    close: async () => {
      await Promise.all(consumers.map((consumer) => consumer.drain(5_000)));
      await opened.close();
    },
  };
}

function resultOf(output_summary: string): HostedResult {
  return {
    ...{ outcome: "done", claimed: "pass", findings: [], checks: [], usage: {} },
    packet: { output_summary, output_artifacts: [], output_decisions: [], output_metrics: {}, activity_log: [] },
  };
}
