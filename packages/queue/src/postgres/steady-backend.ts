/**
 * BullMQ's Postgres back end, taught three things: to wait for a server that is away, to throw finished jobs away beside the
 * work and not within it, and to leave a job that goes back in its place.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ConnectionClosedError, type MinimalJob, PostgresQueueBackend, type QueueBaseOptions } from "bullmq";
import { SCHEMA } from "../backend.ts";
import { BREATH_MS, type Gate, KEEP_COMPLETED, KEEP_FAILED, type NoConnection } from "../consuming.ts";
import type { Report } from "../sampled.ts";
import { isPassing, type QueueConnection } from "./connection.ts";

/** How long an idle worker waits for a notification before it looks for itself. */
export const IDLE_S = 30;

/**
 * BullMQ deletes old jobs in the transaction that finishes one: that costs as much as three tickets, and two that
 * delete the same jobs at once end in a deadlock, which leaves the job they finish active for a minute.
 */
const KEEP_ALL = { count: -1 };

/**
 * One in so many finished tickets throws the old ones away. Rows that somebody else is at are left to him. An array, so
 * that the old ones are found once, whatever plan is made.
 */
const TIDY_EVERY = 32;
const TIDY = `delete from ${SCHEMA}.job where queue = $1 and id = any(array(
  select id from ${SCHEMA}.job where queue = $1 and state = $2::${SCHEMA}.job_state
  order by finished_at_ms desc, seq desc offset $3 for update skip locked))`;

/** BullMQ would give it a new number, and so put it behind all others. */
const GIVE_BACK = `with given_back as (
    update ${SCHEMA}.job set state = 'waiting', lock_token = null, locked_until_ms = null
    where queue = $1 and id = $2 and state = 'active' and lock_token = $3
    returning queue
  )
  select pg_notify('bullmq_jobs', queue) from given_back`;

type Finished = "completed" | "failed";
const KEPT: Record<Finished, number> = { completed: KEEP_COMPLETED.count, failed: KEEP_FAILED.count };

export class SteadyPostgresBackend extends PostgresQueueBackend {
  readonly #report: Report;
  readonly #gate: Gate;
  readonly #finished: Record<Finished, number> = { completed: 0, failed: 0 };
  #draining = false;

  constructor(
    connection: QueueConnection,
    name: string,
    options: QueueBaseOptions<NoConnection>,
    { gate, report }: { gate: Gate; report: Report },
  ) {
    // The name by which Bull Board finds the workers of a queue is that of the queue.
    super(connection, name, options, true, name);
    this.#report = report;
    this.#gate = gate;
  }

  /** What BullMQ lets pass without a look at the queue after an error; it would be an hour. */
  override get maximumBlockTimeout() {
    return IDLE_S;
  }

  /** Called when the worker is to end. BullMQ would take one more job before it does. */
  override disconnectBlocking(wait?: boolean) {
    this.#draining = true;
    return super.disconnectBlocking(wait);
  }

  override async moveToActive(token: string, name?: string) {
    // Full hands ask for nothing: every worker hears of every ticket.
    await this.#gate.whenFree();
    if (this.#draining) return [];
    try {
      return await this.#waiting(super.moveToActive(token, name));
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) await sleep(BREATH_MS);
      throw error;
    }
  }

  override async moveToCompleted<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    value: R,
    _keep: unknown,
    token: string,
    fetchNext: boolean,
  ) {
    const fetch_next = fetchNext && this.#gate.anyFree();
    const moved = await this.#waiting(super.moveToCompleted(job, value, KEEP_ALL, token, fetch_next));
    this.#tidyNowAndThen("completed");
    return moved;
  }

  override async moveToFailed<T, R, N extends string>(
    job: MinimalJob<T, R, N>,
    reason: string,
    _keep: unknown,
    token: string,
    fetchNext: boolean,
    fields?: Record<string, unknown>,
  ) {
    const fetch_next = fetchNext && this.#gate.anyFree();
    const moved = await this.#waiting(super.moveToFailed(job, reason, KEEP_ALL, token, fetch_next, fields));
    this.#tidyNowAndThen("failed");
    return moved;
  }

  /** A ticket that goes back keeps its place. Gives how long the queue's rate limit lasts: it has none. */
  override async moveJobFromActiveToWait(id: string, token: string) {
    await this.connection.pool.query(GIVE_BACK, [this.queueName, id, token]);
    return 0;
  }

  #tidyNowAndThen(state: Finished): void {
    if (this.#finished[state]++ % TIDY_EVERY !== 0 || this.closing !== undefined) return;
    this.connection.pool.query(TIDY, [this.queueName, state, KEPT[state]]).catch(this.#report);
  }

  /** BullMQ tries again after a second when it takes the connection for closed, and gives up after any other error. */
  async #waiting<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      if (!isPassing(error)) throw error;
      this.#report(error);
      throw new ConnectionClosedError(undefined, error instanceof Error ? error : undefined);
    }
  }
}
