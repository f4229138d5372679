/** The API as a process, as the start command runs it: its settings, what it says, what it reports, how it ends. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { COMPILED, freshDatabase } from "@baton/db/testing";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

interface Ready {
  type: "ready";
  url: string;
  admin_token?: string;
  admin_token_file?: string;
}

export interface Program {
  child: ChildProcess;
  /** All that it wrote so far. */
  said(): string;
  ready: Promise<Ready>;
  ended: Promise<number | null>;
}

/** A database and a data folder, gone when the test ends. */
export async function settings(): Promise<Record<string, string>> {
  const { url, drop } = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "baton-api-"));
  onTestFinished(async () => {
    await drop();
    await rm(folder, { recursive: true, force: true });
  });
  return { DATABASE_URL: url, BATON_DATA_DIR: join(folder, "data"), PORT: "0" };
}

export function start(env: Record<string, string>): Program {
  const child = fork(MAIN, {
    env: { ...COMPILED, ...env },
    execPath: process.execPath,
    execArgv: [],
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let said = "";
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  for (const stream of streams) stream.on("data", (piece: Buffer) => (said += piece.toString()));
  // Not the child's "close": it does not come once the channel between us is closed.
  const ended = Promise.all([once(child, "exit"), ...streams.map((stream) => once(stream, "end"))]).then(
    ([[code]]) => code as number | null,
  );
  const ready = Promise.race([
    once(child, "message").then(([message]) => message as Ready),
    ended.then((code) => Promise.reject(new Error(`ended with ${code} before it was ready: ${said}`))),
  ]);
  ready.catch(() => undefined);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return { child, said: () => said, ready, ended };
}
