/** The Redis of a cluster: Debian's, with a folder of its own, so that it comes back with what was on its disk. */
import { startRedis as startRedisServer } from "@baton/queue/testing";
import type { Server } from "../cluster.ts";
import type { Leftovers } from "../leftovers.ts";
import { signalAll } from "../process-tree.ts";

export type RedisServer = Server & { stop(): Promise<void> };

export interface RedisOptions {
  folder: string;
  settings: Readonly<Record<string, string>>;
  /** It goes with them at the latest. */
  leftovers: Leftovers;
}

/** What an operator would have who cares a little: at most a second is lost. */
const SETTINGS = { appendonly: "yes", appendfsync: "everysec" };

export async function startRedis({ folder, settings, leftovers }: RedisOptions): Promise<RedisServer> {
  const server = await startRedisServer({ ...SETTINGS, ...settings, dir: folder });
  let over = false;
  let starting: Promise<void> = Promise.resolve();
  leftovers.add(async () => {
    over = true;
    // Whoever starts it again at this moment must not have the last word.
    await starting.catch(() => {});
    await server.kill();
  });
  return {
    url: server.url,
    kill: server.kill,
    start: () => {
      if (over) return Promise.reject(new Error("it is over: Redis is not started any more"));
      starting = server.restart();
      return starting;
    },
    freeze: () => signalAll([server.pid], "SIGSTOP"),
    thaw: () => signalAll([server.pid], "SIGCONT"),
    // Nothing it holds is wanted any more, and a frozen one would not hear a kind word.
    stop: server.kill,
  };
}
