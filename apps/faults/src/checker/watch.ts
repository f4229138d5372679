/**
 * A watch in the database: for each event it notes whether its ticket lay in the outbox when the transaction was
 * committed, and how its run stood. Sent tickets are deleted, so afterwards nobody could tell. It only looks on.
 */
import { type Database, openDatabase } from "@baton/db";
import type { Watched } from "./evidence.ts";

const STATEMENTS = [
  "create schema if not exists faults",
  `create table if not exists faults.watched (
     task_id uuid, seq int, held boolean, ticket boolean, run_state text, primary key (task_id, seq)
   )`,
  `create or replace function faults.watch() returns trigger language plpgsql as $$
   begin
     insert into faults.watched (task_id, seq, held, ticket, run_state)
     select task.id, new.seq, task.held, exists (
       select from public.outbox
       where outbox.task_id = task.id and outbox.dispatch = task.dispatch
         and outbox.stage = task.stage and outbox.visit = task.visit
     ), run.state
     from public.tasks as task join public.runs as run on run.id = task.run_id where task.id = new.task_id
     on conflict do nothing;
     return null;
   end $$`,
  "drop trigger if exists faults_watch on public.events",
  // Fires when all of the transaction is done: the outbox row is there by then, if it was written with the event.
  `create constraint trigger faults_watch after insert on public.events deferrable initially deferred
   for each row execute function faults.watch()`,
];

/** Called once, after the migrations and before the first run. */
export async function watchTickets(database_url: string): Promise<void> {
  const db = openDatabase(database_url, { connections: 1 });
  try {
    await db.transaction(async (tx) => {
      for (const [i, text] of STATEMENTS.entries()) await tx.run({ name: `faults_watch_${i}`, text }, []);
    });
  } finally {
    await db.close();
  }
}

const THERE = { name: "faults_watch_there", text: "select to_regclass('faults.watched') is not null as there" };
const WATCHED = { name: "faults_watched", text: "select * from faults.watched" };

/** Null when no watch was set up. */
export async function readWatched(db: Database): Promise<Watched[] | null> {
  const [row] = await db.run<{ there: boolean }>(THERE, []);
  return row?.there ? db.run<Watched & Record<string, unknown>>(WATCHED, []) : null;
}
