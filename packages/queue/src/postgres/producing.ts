/** A producer's side of Postgres. */
import { type JobJson, PostgresQueueBackend, Queue, type QueueBaseOptions } from "bullmq";
import { awayWhen } from "../away.ts";
import { placeOf, SCHEMA } from "../backend.ts";
import type { NoConnection } from "../consuming.ts";
import { type Producing, pagesOf, STREAMS } from "../producing.ts";
import type { Report } from "../sampled.ts";
import { isPassing, QueueConnection } from "./connection.ts";

/** A producer that has had nothing to add for a minute holds no connection. */
const LIMITS = { most: 2, warm: 0, idle_ms: 60_000, answer_ms: 3_000 };

export function postgresProducing(url: string, report: Report): Producing {
  const connection = new QueueConnection(url, LIMITS);
  connection.on("error", report);
  return {
    // BullMQ's classes are typed for Redis unless told otherwise at every use; Bull Board takes no other type.
    open: (stage) =>
      new Queue(
        stage,
        { connection: {}, streams: STREAMS },
        (name, options: QueueBaseOptions<NoConnection>) => new PostgresQueueBackend(connection, name, options, false),
      ) as unknown as Queue,
    reachable: () => connection.waitUntilReady(),
    guard: awayWhen(`Postgres at ${placeOf(url)} does not answer.`, isPassing),
    add: (queue, jobs) => addInPages(connection, queue.name, jobs),
    waiting: async (stage, ids) => {
      const found = await connection.pool.query<{ id: string }>(WAITING, [stage, ids]);
      return new Set(found.rows.map((row) => row.id));
    },
    remove: async (queue, ids) => {
      await connection.pool.query(REMOVE, [queue.name, ids]);
    },
    // BullMQ's own statements notify.
    announce: () => {},
    close: () => connection.close(),
  };
}

const WAITING = `select id from ${SCHEMA}.job
  where queue = $1 and id = any($2::text[]) and state not in ('active', 'completed', 'failed')`;

const REMOVE = `select ${SCHEMA}.remove($1, id, false) from unnest($2::text[]) as id`;

/**
 * BullMQ's own way to add many goes by temporary tables, which costs the server more than adding them one after the
 * other. This is one after the other, in one statement and one transaction.
 */
const ADD = `select ${SCHEMA}.add_job(
    $1, ticket.id, ticket.name, ticket.data::jsonb, '{}', 0, 0, ticket.timestamp, 1, null, null, null, null, null, ticket.first
  )
  from jsonb_to_recordset($2::jsonb) as ticket (id text, name text, data text, timestamp bigint, first boolean)`;

async function addInPages(connection: QueueConnection, stage: string, jobs: readonly JobJson[]): Promise<void> {
  for (const page of pagesOf(jobs)) {
    const tickets = page.map(({ id, name, data, timestamp, opts }) => ({
      id,
      name,
      data,
      timestamp,
      first: opts.lifo === true,
    }));
    await connection.pool.query(ADD, [stage, JSON.stringify(tickets)]);
  }
}
