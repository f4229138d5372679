/** A consumer's side of Postgres. */
import type { Consuming, Gate } from "../consuming.ts";
import type { Report } from "../sampled.ts";
import { QueueConnection } from "./connection.ts";
import { IDLE_S, SteadyPostgresBackend } from "./steady-backend.ts";

/** One warm connection beside the one that listens: an idle consumer costs the server two. */
const LIMITS = { most: 3, warm: 1, idle_ms: 3_000, answer_ms: 10_000 };

export function postgresConsuming(url: string, gate: Gate, report: Report): Consuming {
  const connection = new QueueConnection(url, LIMITS);
  return {
    factory: (name, options) => new SteadyPostgresBackend(connection, name, options, { gate, report }),
    idle_s: IDLE_S,
    abandon: () => {
      connection.close().catch(report);
    },
  };
}
