/** The API as a process on a database of its own, for a whole file of tests: it may be killed and started again on its port. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, openClient } from "@baton/client";
import { COMPILED, freshDatabase } from "@baton/db/testing";

const MAIN = fileURLToPath(new URL("../../../api/src/main.ts", import.meta.url));

export interface ApiProcess {
  url: string;
  token: string;
  client: Client;
  /** For files of the tests; goes with it. */
  folder: string;
  /** As by `kill -9`, or asked to go in good order. */
  kill: (signal?: "SIGKILL" | "SIGTERM") => Promise<void>;
  /** Once it is killed: another one in the same place. */
  again: () => Promise<void>;
  end: () => Promise<void>;
}

export async function startApiProcess(settings: Record<string, string> = {}): Promise<ApiProcess> {
  const { url: DATABASE_URL, drop } = await freshDatabase();
  const folder = await mkdtemp(join(tmpdir(), "baton-cli-"));
  const env = { ...COMPILED, DATABASE_URL, BATON_DATA_DIR: join(folder, "data"), LOG_LEVEL: "fatal" };
  let child: ChildProcess;
  const start = async (port: string): Promise<{ url: string; admin_token: string }> => {
    child = fork(MAIN, { env: { ...env, ...settings, PORT: port }, execPath: process.execPath, execArgv: [] });
    const dead = once(child, "exit").then(([code]) => Promise.reject(new Error(`the API ended with ${code}`)));
    dead.catch(() => undefined);
    const [message] = await Promise.race([once(child, "message"), dead]);
    return message as { url: string; admin_token: string };
  };
  const kill = async (signal: "SIGKILL" | "SIGTERM" = "SIGKILL") => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill(signal);
    await ended;
  };
  const { url, admin_token: token } = await start("0");
  return {
    ...{ url, token, folder, kill, client: openClient({ url, token }) },
    again: async () => void (await start(new URL(url).port)),
    end: async () => {
      await kill();
      await drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
