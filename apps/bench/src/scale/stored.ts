/** A database in which many tasks are stored: the first thousand went down the line, the others are copies of them, older by so much each. */
import pg from "pg";
import { batonOnRedis } from "../contenders/baton.ts";
import type { Desk } from "../contenders/contender.ts";
import { startCrew } from "../crew/crew.ts";
import type { Options } from "../options.ts";
import { rowsFrom } from "../servers/postgres.ts";

/** Tasks that are carried, a hundred in each run; every copy is as large. */
export const CARRIED = 1_000;
const RUN = 100;
/** Every tenth copy has its attempts, packets and events as well: with all of them a million tasks would be 14 GB. */
export const WITH_HISTORY = 10;
/** Copies in one statement. */
const AT_ONCE = 20;

export async function carryFirst({ place, submit }: Desk, options: Options): Promise<void> {
  const crew = await startCrew(batonOnRedis, place, options);
  try {
    for (let tasks = 0; tasks < CARRIED; tasks += RUN) await submit(RUN);
    await crew.ledger.whenFinished(CARRIED);
  } finally {
    await crew.stop();
  }
}

/** What of each table belongs to one task alone: ids that its copy has for itself. */
const OWN_IDS: Record<string, readonly string[]> = {
  runs: ["id"],
  tasks: ["id", "run_id", "packet_id"],
  task_specs: ["task_id", "run_id"],
  attempts: ["id", "task_id"],
  handoff_packets: ["id", "task_id", "input_source_packet_id", "previous_version_id"],
  events: ["task_id"],
};
const HISTORY = ["attempts", "handoff_packets", "events"];

/** The ids hold their times: a copy's are so much earlier. */
const PREPARE = `
  create schema if not exists scale;
  create or replace function scale.earlier(id uuid, copy int) returns uuid language sql immutable strict as $$
    select (lpad(to_hex(
      ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint - copy * 3600000::bigint
    ), 12, '0') || substr(replace(id::text, '-', ''), 13))::uuid
  $$;
  create table if not exists scale.first as select id from tasks;
  create unique index if not exists first_id on scale.first (id);`;

/** Makes copies until so many tasks are stored, `from` of which are there. */
export async function storeMore(database_url: string, from: number, to: number): Promise<void> {
  const client = new pg.Client({ connectionString: database_url });
  await client.connect();
  try {
    await client.query(PREPARE);
    // What is copied need not be safe from a power cut.
    await client.query("set synchronous_commit = off");
    for (let copy = from / CARRIED; copy < to / CARRIED; copy += AT_ONCE) {
      const last = Math.min(copy + AT_ONCE, to / CARRIED) - 1;
      for (const table of Object.keys(OWN_IDS)) await client.query(await copying(client, table), [copy, last]);
    }
    // Autovacuum does this by itself, a minute later.
    await client.query("vacuum analyze");
  } finally {
    await client.end();
  }
}

async function copying(client: pg.Client, table: string): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    "select column_name as name from information_schema.columns where table_schema = 'public' and table_name = $1",
    [table],
  );
  const names = rows.map(({ name }) => name);
  const values = names.map((name) => valueOf(table, name));
  const task = OWN_IDS[table]?.find((name) => name === "task_id") ?? "id";
  const first =
    table === "runs"
      ? "id in (select run_id from tasks join scale.first using (id))"
      : `${task} in (select id from scale.first)`;
  const copies = HISTORY.includes(table) ? `copy % ${WITH_HISTORY} = 0` : "true";
  return `insert into ${table} (${names.join(", ")}) select ${values.join(", ")}
    from generate_series($1::int, $2::int) as copy cross join ${table} where ${first} and ${copies}`;
}

function valueOf(table: string, column: string): string {
  if (column === "claim_id") return "claim_id || '-' || copy";
  return OWN_IDS[table]?.includes(column) ? `scale.earlier(${column}, copy)` : column;
}

export async function storedTasks(database_url: string): Promise<number> {
  const [counted] = await rowsFrom<{ count: string }>(database_url, "select count(*) from tasks");
  return Number(counted?.count);
}
