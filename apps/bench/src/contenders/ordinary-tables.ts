/** The tables of the ordinary way, in the round's own database: a task's stage, its packets, its events. Also reads whether each task has what it must have. */
import { rowsFrom } from "../servers/postgres.ts";

/** In a schema of their own, beside tables of Baton's that stay empty. */
export async function makeOrdinaryTables(database_url: string): Promise<void> {
  await rowsFrom(database_url, TABLES);
}

const TABLES = `
  create schema ordinary;
  create table ordinary.tasks (
    id uuid primary key,
    title text not null,
    stage text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table ordinary.packets (
    id uuid primary key,
    task_id uuid not null references ordinary.tasks,
    stage text not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    unique (task_id, stage)
  );
  create table ordinary.events (
    id bigint generated always as identity primary key,
    task_id uuid not null references ordinary.tasks,
    type text not null,
    from_stage text,
    to_stage text not null,
    at timestamptz not null default now()
  );
  create index on ordinary.events (task_id);`;

/** Named tasks are lost when they are not there; all others of the database must be right as well. */
export async function ordinaryFaults(database_url: string, task_ids: readonly string[]): Promise<string[]> {
  const told = await rowsFrom<Told>(database_url, TOLD);
  const there = new Set(told.map((task) => task.id));
  const lost = task_ids.filter((id) => !there.has(id)).map((id) => `task ${id} is lost`);
  return [...lost, ...told.flatMap(faultsOf)];
}

interface Told {
  id: string;
  stage: string;
  /** The stages of which it has a packet with a text, as the line has them. */
  packets: string[];
}

const TOLD = `
  select task.id, task.stage, array(
    select packet.stage from ordinary.packets as packet
    where packet.task_id = task.id and packet.body ->> 'output_summary' <> ''
    order by array_position(array['dev', 'qa', 'sec', 'docs'], packet.stage)
  ) as packets
  from ordinary.tasks as task
  order by task.id`;

const ALL = "dev qa sec docs";

function faultsOf({ id, stage, packets }: Told): string[] {
  return [
    ...(stage === "complete" ? [] : [`task ${id} is in ${stage}`]),
    ...(packets.join(" ") === ALL ? [] : [`task ${id} has packets of ${packets.join(" ") || "no stage"}`]),
  ];
}
