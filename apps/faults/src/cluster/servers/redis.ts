/** The Redis of a cluster: Debian's, with a folder of its own, so that it comes back with what was on its disk. */
import { startRedis as startRedisServer } from "@baton/queue/testing";
import type { Server } from "../cluster.ts";
import { signalAll } from "../process-tree.ts";

export type RedisServer = Server & { stop(): Promise<void> };

/** What an operator would have who cares a little: at most a second is lost. */
const SETTINGS = { appendonly: "yes", appendfsync: "everysec" };

export async function startRedis(folder: string, settings: Readonly<Record<string, string>>): Promise<RedisServer> {
  const server = await startRedisServer({ ...SETTINGS, ...settings, dir: folder });
  return {
    url: server.url,
    kill: server.kill,
    start: server.restart,
    freeze: () => signalAll([server.pid], "SIGSTOP"),
    thaw: () => signalAll([server.pid], "SIGCONT"),
    // Nothing it holds is wanted any more, and a frozen one would not hear a kind word.
    stop: server.kill,
  };
}
