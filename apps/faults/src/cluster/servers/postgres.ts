/** The Postgres of a cluster: the embedded one, as durable as a user's, in a folder that it keeps when it is killed. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { sparePort } from "@baton/queue/testing";
import type { Server } from "../cluster.ts";
import type { Leftovers } from "../leftovers.ts";
import { descendantsOf, signalAll } from "../process-tree.ts";
import { type Process, readyWord, startProcess } from "../program.ts";

const PROGRAM = fileURLToPath(
  new URL("../../../../../packages/db/src/testing/durable-server-main.ts", import.meta.url),
);

export interface PostgresOptions {
  /** Other accounts must be able to enter: root's Postgres runs under another one. */
  folder: string;
  log: string;
  settings: Readonly<Record<string, string>>;
  /** It goes with them at the latest, also while it only starts. */
  leftovers: Leftovers;
}

export type PostgresServer = Server & { stop(): Promise<void> };

/** The server's processes ask for nothing more once they got this: the next start recovers from what is on the disk. */
const IMMEDIATE_SHUTDOWN = "SIGQUIT";
const PATIENCE_MS = 8_000;

export async function startPostgres({ folder, log, settings, leftovers }: PostgresOptions): Promise<PostgresServer> {
  await keepPort(folder);
  const program = { path: PROGRAM, args: [JSON.stringify(settings)], environment: { BATON_DATA_DIR: folder }, log };
  let running: Process | undefined;
  let over = false;
  const start = async (): Promise<string> => {
    if (over) throw new Error("it is over: Postgres is not started any more");
    const started = startProcess(program);
    running = started;
    // It may also end by itself, when its disk is full.
    void started.ended.then(() => {
      if (running === started) running = undefined;
    });
    return (await readyWord(started, program)).url ?? "";
  };
  const tree = () => (running?.child.pid === undefined ? [] : descendantsOf(running.child.pid));
  const kill = async () => {
    if (running === undefined) return;
    signalAll(tree().slice(0, 1), IMMEDIATE_SHUTDOWN);
    // A frozen one hears it when it is thawed.
    signalAll(tree(), "SIGCONT");
    const cut_short = setTimeout(() => signalAll(tree(), "SIGKILL"), PATIENCE_MS);
    await running.ended;
    clearTimeout(cut_short);
  };
  leftovers.add(async () => {
    over = true;
    // One that only starts has no server yet that would end it: it ends as soon as it is ready.
    running?.child.kill("SIGTERM");
    await kill();
  });
  const url = await start();
  return {
    url,
    kill,
    start: async () => {
      if (running === undefined) await start();
    },
    freeze: () => {
      // The one that starts the others first, so that none comes to be meanwhile.
      signalAll(tree().slice(0, 1), "SIGSTOP");
      signalAll(tree(), "SIGSTOP");
    },
    thaw: () => signalAll(tree(), "SIGCONT"),
    stop: async () => {
      signalAll(tree(), "SIGCONT");
      running?.child.kill("SIGTERM");
      await running?.ended;
    },
  };
}

/** The embedded server takes the port that is noted, and keeps it: one at which no client can come to be connected with itself. */
async function keepPort(folder: string): Promise<void> {
  const notes = join(folder, "postgres");
  await mkdir(notes, { recursive: true });
  await writeFile(join(notes, "port"), String(await sparePort()));
}
