/** Puts new tasks on the line, many in one statement. */
import type { Limits } from "@baton/domain";
import type { Db } from "./client.ts";
import type { MovedRow, TaskRow } from "./rows.ts";
import { statement } from "./statements.ts";
import { counted, type OutboxTicket, ticketOf } from "./tickets.ts";

export interface NewTask {
  id: string;
  workspace_id: string;
  project_id: string;
  run_id: string;
  /** The run is paused. */
  held: boolean;
  priority: number;
  limits: Limits;
  title: string;
  description: string;
  acceptance_criteria: readonly string[];
  /** Tasks that have to complete first. */
  depends_on: readonly string[];
  /** False when all of `depends_on` are completed already. */
  waits: boolean;
  /** Set for a task made from a finding. */
  finding_fingerprint?: string;
  found_in_task_id?: string;
  actor: string;
  /** Data of the event `submitted`. */
  data: Record<string, unknown>;
  /** The ticket that it shares with others; its own when left out. */
  bundle?: string | undefined;
}

export interface Submitted {
  row: TaskRow;
  ticket: OutboxTicket | null;
}

const SUBMIT = statement("submit");

/** Gives the rows that were written, by id; a finding that already has its task is left out. */
export async function submit(db: Db, tasks: readonly NewTask[]): Promise<Submitted[]> {
  if (tasks.length === 0) return [];
  const rows = await db.run<MovedRow>(SUBMIT, [JSON.stringify(tasks.map(toRecord))]);
  const tickets = counted(rows.map(ticketOf));
  return rows.map((row, n) => ({ row, ticket: tickets[n] ?? null }));
}

function toRecord({ limits, ...task }: NewTask): Record<string, unknown> {
  return {
    ...task,
    max_failures: limits.attempts,
    max_crashes: limits.crashes,
    max_rejections: limits.rejections,
  };
}
