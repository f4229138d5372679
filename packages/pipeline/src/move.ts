/** Moves a task by an operator's command: read, decide, write if nothing has changed, look again if something has. */
import { type Change, findTask, openAttempt, type TaskRow, taskOf } from "@baton/db";
import { type Command, decide, type Problem, type Refusal, type Result, refused } from "@baton/domain";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

/** How often a lost race is run again before the caller is told. */
export const TRIES = 5;

/** What else the change writes, given what was decided. */
type More = (change: Change, row: TaskRow) => Promise<Partial<Change>>;

export async function moveTask(
  line: Line,
  who: Principal,
  task_id: string,
  command: Command,
  more: More = async () => ({}),
): Promise<Result<TaskRow>> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const found = await findTask(line.db, who.workspace_id, task_id);
    if (found === null) return refused("not_found", "There is no such task.");
    const before = taskOf(found.row);
    const decision = decide(before, command, found.now.getTime());
    if (!decision.ok) return { ok: false, problem: await problemOf(line, found, decision.refusal) };
    const change: Change = {
      command: command.name,
      before,
      after: decision.task,
      event: decision.event,
      actor: who.name,
    };
    const applied = await line.write({ ...change, ...(await more(change, found.row)) });
    if (applied === null) continue;
    line.announce([applied]);
    return { ok: true, value: applied.row };
  }
  return refused("conflict", "The task changed while it was being moved. Look at it again and repeat the call.");
}

/** A refusal as the caller sees it: with the holder, when somebody holds the task. */
export async function problemOf(
  line: Line,
  { row, now }: { row: TaskRow; now: Date },
  refusal: Refusal,
): Promise<Problem> {
  const { code, detail, allowed } = refusal;
  if (code !== "lease_held") return { code, detail: `${capital(detail)}.`, allowed };
  const holder = await openAttempt(line.db, row.id);
  if (holder === null) return { code, detail: `${capital(detail)}.`, allowed };
  const alive = row.lease_expires_at !== null && row.lease_expires_at > now;
  const seen = { agent_id: holder.agent_id, last_heartbeat_at: holder.heartbeat_at.toISOString(), alive };
  return { code, detail: `${capital(detail)}.`, allowed, holder: seen };
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}
