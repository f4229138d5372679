/** A whole line for tests: `npm start` as a user types it, in a folder of its own, with a client that speaks to it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { type Client, openClient } from "@baton/client";
import { expect, vi } from "vitest";
import { bareEnvironment } from "./env.ts";

const ROOT = join(import.meta.dirname, "../../../..");
const START_MS = 60_000;

export interface StartedLine {
  url: string;
  token: string;
  client: Client;
  data_dir: string;
  /** What it has printed. */
  said: () => string;
  /** The newest process of a program, by the name of its log. */
  pidOf: (program: string) => number;
  /** Gives the exit code. */
  stop: () => Promise<number | null>;
  /** Stops it and removes its folder. */
  end: () => Promise<void>;
}

interface StartOptions {
  args?: string[];
  environment?: Record<string, string>;
  data_dir?: string;
}

/** One that root's Postgres may enter: in a closed folder it would live elsewhere, and stay there for weeks. */
function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-line-"));
  chmodSync(folder, 0o755);
  return folder;
}

export async function startLine(options: StartOptions = {}): Promise<StartedLine> {
  const data_dir = options.data_dir ?? join(openFolder(), ".baton");
  const env = {
    ...bareEnvironment(),
    PATH: [dirname(process.execPath), bareEnvironment().PATH].join(delimiter),
    PORT: "0",
    BATON_DATA_DIR: data_dir,
    ...options.environment,
  };
  // As npm does it: what npm is told to end with, its shell must not keep to itself.
  const command = [startCommand(), ...(options.args ?? [])].join(" ");
  const child = spawn("/bin/sh", ["-c", command], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
  const stop = () => ended(child);
  const end = async () => {
    await stop();
    rmSync(dirname(data_dir), { recursive: true, force: true });
  };
  await vi.waitFor(() => expect(text).toContain("Ctrl-C stops everything."), { timeout: START_MS, interval: 50 });
  const url = /API +(http\S+)\/api\n/.exec(text)?.[1] ?? "";
  const token = readFileSync(join(data_dir, "admin-token"), "utf8").trim();
  const client = openClient({ url, token });
  return { url, token, client, data_dir, said: () => text, pidOf: (program) => pidIn(data_dir, program), stop, end };
}

function startCommand(): string {
  return JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")).scripts.start;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  await exit;
  return child.exitCode;
}

/** Each program writes its pid into every line of its log. */
function pidIn(data_dir: string, program: string): number {
  const log = join(data_dir, "logs", `${program}.log`);
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n") : [];
  return Number(/"pid":(\d+)/.exec(lines.findLast((line) => line.includes('"pid":')) ?? "")?.[1]);
}

type Call<T> = Promise<{ ok: true; value: T } | { ok: false; problem: { code: string; detail: string } }>;

/** The answer of a call that must succeed. */
export async function answered<T>(call: Call<T>): Promise<NonNullable<T>> {
  const called = await call;
  if (!called.ok) throw new Error(`${called.problem.code}: ${called.problem.detail}`);
  if (called.value === null || called.value === undefined) throw new Error("the call answered nothing");
  return called.value;
}
