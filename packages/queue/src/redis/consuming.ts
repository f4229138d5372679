/** A consumer's side of Redis: one connection for commands, one that blocks until there is work. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "@baton/domain";
import { type KeepJobs, type MinimalJob, QueueKeys, RedisConnection, RedisQueueBackend } from "bullmq";
import { PREFIX } from "../backend.ts";
import { BREATH_MS, type Consuming, type Gate } from "../consuming.ts";
import { patientRedis } from "./connect.ts";

export function redisConsuming(url: string, stage: Stage, gate: Gate): Consuming {
  // The name by which Bull Board finds the workers of a queue.
  const connectionName = `${PREFIX}:${Buffer.from(stage).toString("base64")}`;
  const [commands, blocking] = [patientRedis(url), patientRedis(url, { connectionName })];
  return {
    factory: (name, options) => {
      const keys = new QueueKeys(PREFIX);
      const [main, waiting] = [commands, blocking].map((redis) => new RedisConnection(redis, OWNED));
      if (main === undefined) throw new Error("unreachable: two connections were made");
      const toKey = (type: string) => keys.toKey(name, type);
      const callOthers = () => commands.zadd(toKey("marker"), 0, "0");
      return new SteadyRedisBackend({ gate, callOthers }, main, name, keys.getKeys(name), toKey, options, waiting);
    },
    idle_s: 5,
    abandon: () => {
      commands.disconnect();
      blocking.disconnect();
    },
  };
}

/** Not shared: BullMQ closes them. No version check: it happens once, and when it fails the worker never works again. */
const OWNED = { shared: false, blocking: true, skipVersionCheck: true };

type Keep = boolean | number | KeepJobs;

interface Ours {
  gate: Gate;
  /** Of those who wait for news one hears that there is some. */
  callOthers: () => Promise<unknown>;
}

class SteadyRedisBackend extends RedisQueueBackend {
  readonly #gate: Gate;
  readonly #callOthers: Ours["callOthers"];
  #draining = false;
  /** There is news, and nobody else was told of it. */
  #called = false;

  constructor({ gate, callOthers }: Ours, ...rest: ConstructorParameters<typeof RedisQueueBackend>) {
    super(...rest);
    this.#gate = gate;
    this.#callOthers = callOthers;
  }

  override async waitForJob(timeout_s: number) {
    await this.#gate.whenFree();
    const marker = await super.waitForJob(timeout_s);
    this.#called = marker !== null;
    return marker;
  }

  /** Called when the worker is to end. BullMQ may take one more job before it does. */
  override disconnectBlocking(wait?: boolean) {
    this.#draining = true;
    return super.disconnectBlocking(wait);
  }

  override async moveToActive(token: string, name?: string) {
    // Full hands ask for nothing, unless they have been called: only looking passes the call on.
    if (!this.#called) await this.#gate.whenFree();
    const called = this.#called;
    this.#called = false;
    if (this.#draining) {
      if (called) await this.#callOthers();
      return [];
    }
    try {
      return await super.moveToActive(token, name);
    } catch (error) {
      await sleep(BREATH_MS);
      throw error;
    }
  }

  // The end of a job is answered with the next one, unless nobody has a hand free for it.
  override moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    value: R,
    keep: Keep,
    token: string,
    fetchNext: boolean,
  ) {
    return super.moveToCompleted(job, value, keep, token, fetchNext && this.#gate.anyFree());
  }

  override moveToFailed<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    reason: string,
    keep: Keep,
    token: string,
    fetchNext: boolean,
    fields?: Record<string, unknown>,
  ) {
    return super.moveToFailed(job, reason, keep, token, fetchNext && this.#gate.anyFree(), fields);
  }
}
