/**
 * One Postgres server process: finding a living one by its pid file, launching one, stopping one. Knows nothing of
 * passwords, homes or who asked for it.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { BARE_ENVIRONMENT } from "./exec.ts";
import { isAlive, isGoneWithin, standsIn } from "./process.ts";
import type { Runner } from "./runner.ts";

export type Living = { pid: number; port: number };

const FAST_SHUTDOWN = "SIGINT";
const IMMEDIATE_SHUTDOWN = "SIGQUIT";

/** Modest for a laptop; durable, because this database is the truth. */
const SETTINGS: Record<string, string> = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "64MB",
  max_wal_size: "512MB",
  fsync: "on",
  synchronous_commit: "on",
  timezone: "UTC",
  log_timezone: "UTC",
};

/**
 * The server of this cluster when one runs. After a power cut the pid in the file may belong to any other program,
 * which would keep Postgres from starting for ever: such a file is removed. In doubt it stays, and Postgres decides.
 */
export async function livingPostmaster(cluster: string): Promise<Living | null> {
  const pid_file = join(cluster, "postmaster.pid");
  const lines = (await readFile(pid_file, "utf8").catch(() => "")).split("\n");
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  const ours = (await isAlive(pid)) ? await standsIn(pid, cluster) : "no";
  if (ours === "yes") return { pid, port: Number(lines[3]) };
  if (ours === "no") await rm(pid_file, { force: true });
  return null;
}

export type Launch = {
  postgres: string;
  cluster: string;
  port: number;
  runner: Runner;
  log: number;
  settings: Record<string, string>;
};

/** Stays in our process group, so that whoever kills the group leaves no server behind. */
export function launchPostmaster(launch: Launch): ChildProcess {
  const settings = { ...SETTINGS, ...launch.settings, port: String(launch.port) };
  const args = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
  return spawn(launch.postgres, ["-D", launch.cluster, ...args], {
    ...launch.runner,
    cwd: "/",
    env: BARE_ENVIRONMENT,
    stdio: ["ignore", launch.log, launch.log],
  });
}

/** "Fast": clients are sent away, everything is written down. Only a server that does not manage is cut short. */
export async function stopPostmaster(pid: number): Promise<void> {
  for (const signal of [FAST_SHUTDOWN, IMMEDIATE_SHUTDOWN, "SIGKILL"] as const) {
    if (!(await isAlive(pid))) return;
    process.kill(pid, signal);
    if (await isGoneWithin(pid, 20_000)) return;
  }
}
