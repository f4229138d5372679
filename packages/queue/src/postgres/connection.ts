/** The connection of BullMQ's Postgres back end: few, warm, and not broken for ever when the server was away at first. */
import { assertSchemaCompatibility, PostgresConnection } from "bullmq";
import { SCHEMA } from "../backend.ts";

/**
 * Tickets need not survive a power cut, since Postgres' other tables know what they remind of; so no commit waits for
 * the disk, which makes a ticket three times as cheap.
 */
const SESSION = "-c synchronous_commit=off -c statement_timeout=10000";

export interface Limits {
  most: number;
  /** So many stay open however long they are idle; the others for `idle_ms`. */
  warm: number;
  idle_ms: number;
  answer_ms: number;
}

export class QueueConnection extends PostgresConnection {
  #compatible: Promise<void> | undefined;

  constructor(url: string, limits: Limits) {
    super({
      connectionString: url,
      schema: SCHEMA,
      options: SESSION,
      max: limits.most,
      min: limits.warm,
      idleTimeoutMillis: limits.idle_ms,
      query_timeout: limits.answer_ms,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      application_name: "baton-queue",
    });
    // A checked-out client without a listener of its own ends the process when its connection breaks.
    this.pool.on("connect", (client) => {
      client.on("error", () => {});
    });
  }

  /** BullMQ remembers a first failure for ever; here the next query asks again. */
  override waitUntilReady(): Promise<void> {
    this.#compatible ??= this.#checkSchema().catch((error: unknown) => {
      this.#compatible = undefined;
      throw error;
    });
    return this.#compatible;
  }

  async #checkSchema(): Promise<void> {
    await assertSchemaCompatibility(this.pool, SCHEMA);
    setImmediate(() => this.emit("ready"));
  }
}

const AWAY_CODES = new Set(["ECONNREFUSED", "ECONNRESET", "EPIPE", "ETIMEDOUT", "ENOTFOUND", "EAI_AGAIN", "ENOENT"]);
const PASSING_STATES = /^(08|57P0|57014|53300|40001|40P01|55P03)/;
const AWAY_WORDS = /Connection terminated|timeout exceeded|Query read timeout|not queryable/;

/** Is it the way to the server, or its being busy, and not what we asked of it? Then it passes by itself. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : "";
  return AWAY_CODES.has(code) || PASSING_STATES.test(code) || AWAY_WORDS.test(error.message);
}
