/** What agents cost that wait for work, and how soon one of them has a new task: against an API process of its own, on both back ends. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type Client, openClient } from "@baton/client";
import { z } from "zod";
import { percentile } from "../figures.ts";
import { cpuOfTree } from "../servers/cpu.ts";
import type { Servers } from "../servers/index.ts";
import { startProgram } from "../servers/program.ts";
import { startAgents } from "./agents.ts";

const API = fileURLToPath(new URL("../../../../apps/api/src/main.ts", import.meta.url));

export interface Waited {
  name: string;
  agents: number;
  /** CPU time of the API process over the time in which nothing was to be had, in per cent of one core. */
  idle_percent: number;
  /** Of Postgres and Redis together, in the same time. */
  idle_servers_percent: number;
  tasks: number;
  /** From sending the task to an agent's having it, in ms. */
  p50_ms: number;
  p99_ms: number;
}

/** For all polls to have arrived, at most. */
const SETTLE_MS = 8_000;
const TASKS = 100;

export interface WaitingOptions {
  agents: number;
  /** How long nothing is to be had; in 30 s every poll ends once and is made again. */
  idle_s: number;
}

export async function measureWaiting(
  servers: Servers,
  options: WaitingOptions,
  tell: (text: string) => void,
): Promise<Waited[]> {
  const rows: Waited[] = [];
  for (const name of ["Redis", "Postgres"] as const) {
    await servers.wipeRedis();
    const database = await servers.freshDatabase();
    const redis = name === "Redis" ? { REDIS_URL: servers.redis_url } : {};
    try {
      rows.push({ name, ...(await measure(servers, { DATABASE_URL: database.url, ...redis }, options, tell)) });
    } finally {
      await database.drop();
    }
  }
  return rows;
}

async function measure(
  servers: Servers,
  place: Record<string, string>,
  { agents, idle_s }: WaitingOptions,
  tell: (text: string) => void,
) {
  const idle_ms = idle_s * 1_000;
  const token = randomBytes(24).toString("hex");
  const api = await startProgram(API, { ...place, PORT: "0", BATON_ADMIN_TOKEN: token, LOG_LEVEL: "warn" });
  const { url } = z.object({ url: z.string() }).parse(api.message);
  const waiting = startAgents(url, token, agents);
  try {
    tell(`${agents} agents wait`);
    await pause(Math.min(SETTLE_MS, idle_ms));
    const before = [await cpuOfTree([api.pid]), await servers.cpuMs()];
    await pause(idle_ms);
    const after = [await cpuOfTree([api.pid]), await servers.cpuMs()];
    const [idle_percent = Number.NaN, idle_servers_percent = Number.NaN] = after.map(
      (cpu, i) => ((cpu - (before[i] ?? 0)) / idle_ms) * 100,
    );
    const times = await deliver(openClient({ url, token }), waiting.given);
    const [p50_ms, p99_ms] = [percentile(times, 0.5), percentile(times, 0.99)];
    return { agents, idle_percent, idle_servers_percent, tasks: TASKS, p50_ms, p99_ms };
  } finally {
    await waiting.stop();
    await api.stop();
  }
}

/** One task after the other; how long each took to reach an agent. */
async function deliver(client: Client, given: (task_id: string) => Promise<void>): Promise<number[]> {
  const project = await client.call("createProject", { body: { name: "waiting" } });
  if (!project.ok) throw new Error(project.problem.detail);
  const times: number[] = [];
  for (let n = 0; n < TASKS; n += 1) {
    const start = performance.now();
    const body = { project_id: project.value.project.id, name: `run ${n}`, tasks: [{ title: "a task" }] };
    const sent = await client.call("createRun", { body });
    if (!sent.ok) throw new Error(sent.problem.detail);
    await Promise.all(sent.value.tasks.map((task) => given(task.id)));
    times.push(performance.now() - start);
  }
  return times;
}

export function waitingText(rows: readonly Waited[]): string {
  return rows
    .map(
      ({ name, agents, idle_percent, idle_servers_percent, tasks, p50_ms, p99_ms }) =>
        `Baton on ${name}: ${agents} waiting agents cost the API ${idle_percent.toFixed(1)} % of a core and the servers ` +
        `${idle_servers_percent.toFixed(1)} %; a new task reaches one of them in ${p50_ms.toFixed(1)} ms (p50), ` +
        `${p99_ms.toFixed(1)} ms (p99), over ${tasks} tasks.`,
    )
    .join("\n");
}
