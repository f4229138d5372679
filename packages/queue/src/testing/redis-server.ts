/** A throw-away Redis server of a test's own, which it may kill. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { Redis } from "ioredis";
import { redisServerProgram } from "./env.ts";
import { sparePort } from "./spare-port.ts";

export interface RedisServer {
  url: string;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Ends it as an operator would. */
  stop(): Promise<void>;
  /** Ends it as a power cut would. What it held is gone. */
  kill(): Promise<void>;
  /** Starts it again at the same address, empty. */
  restart(): Promise<void>;
}

const PLAIN = { "maxmemory-policy": "noeviction", save: "", appendonly: "no", bind: "127.0.0.1", dir: tmpdir() };

/** Needs a `redis-server` on the PATH. `settings` are those of redis.conf. */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<RedisServer> {
  const port = await sparePort();
  const url = `redis://127.0.0.1:${port}`;
  const start = () => startProcess({ ...PLAIN, ...settings, port: String(port) }, url);
  let running = await start();
  const end = async (signal: NodeJS.Signals) => {
    if (running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, "exit");
    running.kill(signal);
    await gone;
  };
  return {
    url,
    get pid() {
      return running.pid ?? 0;
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGKILL");
      running = await start();
    },
  };
}

async function startProcess(settings: Record<string, string>, url: string): Promise<ChildProcess> {
  const program = redisServerProgram();
  if (program === undefined) throw new Error("There is no redis-server on the PATH.");
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(program, args, { stdio: "ignore" });
  // No server is left behind, however the tests end.
  const end = () => child.kill("SIGKILL");
  process.once("exit", end);
  child.once("exit", () => process.removeListener("exit", end));
  try {
    await answering(url, settings.requirepass, child);
    return child;
  } catch (error) {
    end();
    throw error;
  }
}

async function answering(url: string, password: string | undefined, child: ChildProcess): Promise<void> {
  const redis = new Redis(url, {
    ...(password !== undefined && { password }),
    retryStrategy: () => 20,
    maxRetriesPerRequest: 200,
  });
  redis.on("error", () => {});
  const died = once(child, "exit").then(() => Promise.reject(new Error("redis-server ended at once")));
  try {
    await Promise.race([redis.ping(), died]);
  } finally {
    died.catch(() => {});
    redis.disconnect();
  }
}
