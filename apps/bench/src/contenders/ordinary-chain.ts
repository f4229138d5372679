/**
 * What a team would write: four BullMQ queues in Redis, and in each handler one ordinary Postgres transaction of its own,
 * after which the next job is added with the packet's id. A crash between the two loses the task; nothing looks after it.
 */
import { randomUUID } from "node:crypto";
import { nextPlace, type Stage } from "@baton/domain";
import pg from "pg";
import { openFirstQueue, serveChain } from "./chain.ts";
import type { Contender, Desk, Serving, Shift } from "./contender.ts";
import { makeOrdinaryTables, ordinaryFaults } from "./ordinary-tables.ts";

/** What a job carries beside its task's id: the packet to begin with; none in dev. */
interface Carried {
  packet_id: string | null;
}

/** pg's own default, in every process. */
const CONNECTIONS = 10;

export const ordinaryChain: Contender = {
  name: "ordinary transaction per hop",
  open: async (servers): Promise<Desk> => {
    const database = await servers.freshDatabase();
    await makeOrdinaryTables(database.url);
    const pool = poolAt(database.url);
    const first = await openFirstQueue<Carried>(servers);
    return {
      place: { database_url: database.url, redis_url: servers.redis_url },
      submit: async (count) => {
        const task_ids = Array.from({ length: count }, () => randomUUID());
        await pool.query({ ...SUBMIT, values: [task_ids] });
        await first.add(task_ids.map((task_id) => ({ task_id, data: { packet_id: null } })));
        return task_ids;
      },
      sent: () => Promise.resolve(),
      faults: (task_ids) => ordinaryFaults(database.url, task_ids),
      close: async () => {
        await first.close();
        await pool.end();
        await database.drop();
      },
    };
  },
  serve: async (shift): Promise<Serving> => {
    const pool = poolAt(shift.place.database_url ?? "");
    pool.on("error", shift.onError);
    const chain = await serveChain<Carried>(shift, (stage, task_id, carried) =>
      hop(pool, shift, { stage, task_id, ...carried }),
    );
    return {
      close: async () => {
        await chain.close();
        await pool.end();
      },
    };
  },
};

function poolAt(url: string): pg.Pool {
  return new pg.Pool({ connectionString: url, max: CONNECTIONS });
}

interface Job extends Carried {
  stage: Stage;
  task_id: string;
}

async function hop(pool: pg.Pool, shift: Shift, { stage, task_id, packet_id }: Job): Promise<Carried | null> {
  if (packet_id !== null) await readPacket(pool, packet_id);
  const body = JSON.stringify({ output_summary: shift.work(task_id, stage) });
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ stage: string }>({ ...LOCK, values: [task_id] });
    // A job that is handed out twice finds its task gone on.
    if (rows[0]?.stage !== stage) return null;
    const [id, next] = [randomUUID(), nextPlace(stage)];
    await client.query({ ...MOVE, values: [task_id, next] });
    await client.query({ ...PACK, values: [id, task_id, stage, body] });
    await client.query({ ...RECORD, values: [task_id, stage, next] });
    return { packet_id: id };
  });
}

async function readPacket(pool: pg.Pool, packet_id: string): Promise<void> {
  const { rows } = await pool.query({ ...READ, values: [packet_id] });
  if (rows.length === 0) throw new Error(`there is no packet ${packet_id}`);
}

async function inTransaction<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    const value = await work(client);
    await client.query("commit");
    return value;
  } catch (error) {
    await client.query("rollback");
    throw error;
  } finally {
    client.release();
  }
}

/** All are prepared once a connection. */
const SUBMIT = {
  name: "submit",
  text: `with task as (
      insert into ordinary.tasks (id, title, stage) select id, 'task', 'dev' from unnest($1::uuid[]) as id returning id
    )
    insert into ordinary.events (task_id, type, to_stage) select id, 'submitted', 'dev' from task`,
};
const READ = { name: "read", text: "select body from ordinary.packets where id = $1" };
const LOCK = { name: "lock", text: "select stage from ordinary.tasks where id = $1 for update" };
const MOVE = { name: "move", text: "update ordinary.tasks set stage = $2, updated_at = now() where id = $1" };
const PACK = {
  name: "pack",
  text: "insert into ordinary.packets (id, task_id, stage, body) values ($1, $2, $3, $4)",
};
const RECORD = {
  name: "record",
  text: "insert into ordinary.events (task_id, type, from_stage, to_stage) values ($1, 'passed', $2, $3)",
};
