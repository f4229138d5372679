/** Starts a cluster: servers, ways, the migrated database, and every member under its supervisor. Ends all of it again. */
import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { STAGES } from "@baton/domain";
import { sparePort } from "@baton/queue/testing";
import { startWay } from "../ways/start-way.ts";
import type { Cluster, Kind } from "./cluster.ts";
import { default_root } from "./env.ts";
import { giveUp, type Leftovers, leftBehind } from "./leftovers.ts";
import { runProgram } from "./program.ts";
import { type PostgresServer, startPostgres } from "./servers/postgres.ts";
import { type RedisServer, startRedis } from "./servers/redis.ts";
import { type KeptMember, keepMember } from "./supervisor.ts";

export interface ClusterOptions {
  /** One log for each process. It is made when it is not there. */
  log_folder: string;
  /** The checkout that every program of Baton is run out of; the harness's own unless it is told otherwise. */
  root?: string;
  /** How many of each; two APIs, two directors, one worker a stage, no agents. Workers serve the stages in turn. */
  apis?: number;
  directors?: number;
  workers?: number;
  agents?: number;
  /** Programs other than the usual ones, by their paths in the checkout. */
  programs?: Partial<Record<Kind, string>>;
  queue?: "redis" | "postgres";
  /** Added to the environment of a member, and stronger than what the cluster puts there. */
  env?: (who: Who) => Readonly<Record<string, string>>;
  /** Settings as in redis.conf, besides `appendonly yes`. */
  redis?: Readonly<Record<string, string>>;
  /** Settings of Postgres, and where its data lies: a folder that is there already and stays. */
  postgres?: { settings?: Readonly<Record<string, string>>; folder?: string };
  /** Of the ways. */
  seed?: number;
}

export interface Who {
  name: string;
  kind: Kind;
  /** Among its kind, from 0. */
  index: number;
  api_urls: readonly string[];
  token: string;
}

const PROGRAMS: Record<Kind, string> = {
  api: "apps/api/src/main.ts",
  director: "apps/director/src/main.ts",
  worker: "apps/faults/src/agents/hosted-main.ts",
  agents: "apps/faults/src/agents/http-agents-main.ts",
};

/** Far beyond what it takes, also on a machine that is busy with other things. */
const START_LIMIT_MS = 180_000;

const MIGRATE = "packages/db/src/migrate-main.ts";

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const leftovers = leftBehind();
  return started(options, leftovers).catch((error: unknown) => giveUp(leftovers, error));
}

async function started(options: ClusterOptions, leftovers: Leftovers): Promise<Cluster> {
  const { log_folder } = options;
  await mkdir(log_folder, { recursive: true });
  const { servers, ways, data } = await layGround(options, leftovers);
  const token = randomBytes(24).toString("base64url");
  const ports = await Promise.all(Array.from({ length: options.apis ?? 2 }, sparePort));
  const api_urls = ports.map((port) => `http://127.0.0.1:${port}`);
  const accidents: string[] = [];
  const common = {
    DATABASE_URL: ways.postgres.url,
    ...(options.queue !== "postgres" && { REDIS_URL: ways.redis.url }),
    BATON_DATA_DIR: data,
    BATON_ADMIN_TOKEN: token,
    BATON_TOKEN: token,
    BATON_API_URLS: api_urls.join(","),
    LOG_LEVEL: "warn",
  };
  const kept: KeptMember[] = [];
  leftovers.add(() => Promise.all(kept.map((one) => one.cutShort())));
  for (const { name, kind, index } of rollOf(options)) {
    const own = { FAULTS_NAME: name, PORT: String(ports[index] ?? 0), STAGE: STAGES[index % STAGES.length] ?? "dev" };
    const more = options.env?.({ name, kind, index, api_urls, token }) ?? {};
    const path = join(options.root ?? default_root, options.programs?.[kind] ?? PROGRAMS[kind]);
    const program = { path, environment: { ...common, ...own, ...more }, log: join(log_folder, `${name}.log`) };
    kept.push(keepMember(name, kind, program, (what) => void accidents.push(what)));
  }
  const members = kept.map(({ member }) => member);
  const stop = async () => {
    try {
      await Promise.all(kept.map((one) => one.stop()));
      await servers.postgres.stop();
    } finally {
      await leftovers.clear();
    }
  };
  await Promise.all(kept.map(({ ready }) => inTime(ready, accidents)));
  return {
    members,
    of: (kind) => members.filter((member) => member.kind === kind),
    api_urls,
    token,
    ...servers,
    ways,
    database_url: servers.postgres.url,
    redis_url: servers.redis.url,
    accidents,
    stop,
  };
}

interface Ground {
  servers: { postgres: PostgresServer; redis: RedisServer };
  ways: Cluster["ways"];
  /** The data folder of Baton's processes. */
  data: string;
}

/** Servers, the ways to them, and a migrated database. */
async function layGround(
  { log_folder, root = default_root, redis = {}, postgres = {}, seed = 1 }: ClusterOptions,
  leftovers: Leftovers,
): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "baton-faults-"));
  leftovers.add(() => rm(folder, { recursive: true, force: true }));
  const [data, queues, database] = ["data", "redis", "database"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [data, queues, database]) await mkdir(one);
  // Root's Postgres runs under another account, which must be able to enter.
  await chmod(folder, 0o755);
  const place = { folder: postgres.folder ?? database, log: join(log_folder, "postgres.log"), leftovers };
  const servers = {
    postgres: await startPostgres({ ...place, settings: postgres.settings ?? {} }),
    redis: await startRedis({ folder: queues, settings: redis, leftovers }),
  };
  const environment = { DATABASE_URL: servers.postgres.url };
  await runProgram({ path: join(root, MIGRATE), environment, log: join(log_folder, "migrate.log") }, leftovers);
  const wayTo = async (url: string, chance: number) => {
    const way = await startWay(url, { seed: chance });
    leftovers.add(way.close);
    return way;
  };
  const ways = {
    postgres: await wayTo(servers.postgres.url, seed),
    redis: await wayTo(servers.redis.url, seed + 1),
  };
  return { servers, ways, data };
}

function rollOf({ apis = 2, directors = 2, workers = STAGES.length, agents = 0 }: ClusterOptions) {
  const counts: [Kind, number][] = [
    ["api", apis],
    ["director", directors],
    ["worker", workers],
    ["agents", agents],
  ];
  return counts.flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => ({ kind, index, name: `${kind}-${index + 1}` })),
  );
}

async function inTime(ready: Promise<void>, accidents: readonly string[]): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`The cluster does not start. ${accidents.join("\n")}`)),
    START_LIMIT_MS,
  );
  await Promise.race([ready, late.promise]).finally(() => clearTimeout(timer));
}
