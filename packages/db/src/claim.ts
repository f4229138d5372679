/** Claims: the one way into `running`. A ticket and a pulling agent are given the best ready task, in one order; who accepts a handoff is given its task. */
import type { Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { type ContextRow, contextOf, STAGES_AND_ROLES, type TaskContext } from "./reads/contexts.ts";
import type { TaskRow } from "./rows.ts";
import { statement } from "./statements.ts";

/** Who asks, and for how long. `lease_id` is new; `claim_id` is the caller's, so that a lost answer can be asked for again. */
export interface ClaimRequest {
  lease_id: string;
  claim_id: string;
  lease_ms: number;
  /** The token it is claimed with; none for a hosted worker. */
  token_id?: string;
  agent_id: string;
  agent_kind?: string | undefined;
  agent_model?: string | undefined;
  agent_version?: string | undefined;
  /** What the agent pays with; while its quota is used up it is given nothing. */
  credential?: string | undefined;
}

/** A ticket's look: in its stage, in the workspace of the task that it names. */
export interface TicketClaim extends ClaimRequest {
  task_id: string;
  stage: Stage;
  /** Looks at all that could be given, which costs more where many runs have ready tasks. */
  wide?: boolean;
}

export interface BestClaim extends ClaimRequest {
  workspace_id: string;
  stages: readonly Stage[];
}

/** `seq` is the task's newest event when it was looked at. */
export interface TaskClaim extends ClaimRequest {
  workspace_id: string;
  task_id: string;
  seq: number;
}

/**
 * A claimed task as it is now, with the database's clock, the contract its handoff has to keep (null: the product's own)
 * and what its work is paid with (null: nobody says).
 */
export type Claimed = TaskRow & {
  i: number;
  lease_ms: number;
  contract_id: string | null;
  credential: string | null;
  now: Date;
};

const CLAIM_TICKETS = statement("claim-tickets", "claim-lease", "claim-given", "known", "claim-found");
const CLAIM_BEST = statement("claim-best", "claim-allowed", "claim-lease", "claim-answer");
const CLAIM_TASK = statement("claim-task", "claim-allowed", "claim-lease", "claim-answer");

/** A claimed task with what its holder has to know. `context` is null when something happened to the task while it was read: ask `contextsOf`. */
export type Given = Claimed & { context: TaskContext | null };

/**
 * `busy`: all that is ready is in the hands of others at this moment. What they leave may have no other ticket: look again.
 * `more`: others were given what is certain to come first, and there may be more: look again, `wide`.
 * `limited`: it names a task of a project with a limit, or found nothing where such tasks may wait: ask `claimLimitedTicket`.
 */
export type TicketAnswer = Given | "busy" | "more" | "limited" | null;

/** Gives each ticket the best task of its stage in one statement; null in the place of each for which there was none. */
export function claimTickets(db: Db, claims: readonly TicketClaim[]): Promise<TicketAnswer[]> {
  return answersTo(db, claims, false);
}

/** `limited`: also of projects with a limit, which the caller has locked. */
async function answersTo(db: Db, claims: readonly TicketClaim[], limited: boolean): Promise<TicketAnswer[]> {
  const answers = claims.map((): TicketAnswer => null);
  const asked = JSON.stringify(claims.map((claim, i) => ({ i, ...claim })));
  const rows = await db.run<(GivenRow | { id: null }) & Found>(CLAIM_TICKETS, [asked, limited, ...STAGES_AND_ROLES]);
  for (const i of rows[0]?.found_limited ?? []) answers[i] = "limited";
  for (const i of rows[0]?.found_busy ?? []) answers[i] = "busy";
  for (const i of rows[0]?.found_more ?? []) answers[i] = "more";
  for (const row of rows) if (row.id !== null) answers[row.i] = givenOf(row);
  return answers;
}

/** What is told of the task is of its event `seen_seq`. The claim itself is the one after it, or there were others between. */
type GivenRow = Claimed & ContextRow & { seen_seq: number };

function givenOf(row: GivenRow): Given {
  return { ...row, context: row.seen_seq === row.seq - 1 ? readable(row) : null };
}

/** What cannot be read fails where it is asked for alone: here it would cost all the leases of the statement, which are given by now. */
function readable(row: GivenRow): TaskContext | null {
  try {
    return contextOf(row);
  } catch {
    return null;
  }
}

/** A type, not an interface, so that it counts as part of a row. */
type Found = { found_busy: number[] | null; found_more: number[] | null; found_limited: number[] | null };

const WORKSPACE_OF = { name: "baton_workspace_of", text: "select workspace_id from tasks where id = $1" };

/** The claim where projects of the workspace have a limit: one after the other, so that none goes over it. */
export async function claimLimitedTicket(db: Db, claim: TicketClaim): Promise<Given | "busy" | null> {
  const [task] = await db.run<{ workspace_id: string }>(WORKSPACE_OF, [claim.task_id]);
  if (task === undefined) return null;
  return db.transaction(async (tx) => {
    await lockLimited(tx, task.workspace_id);
    const [answer] = await answersTo(tx, [claim], true);
    const [last] = answer === "more" ? await answersTo(tx, [{ ...claim, wide: true }], true) : [answer];
    return typeof last === "string" ? "busy" : (last ?? null);
  });
}

const LOCK_LIMITED = {
  name: "baton_lock_limited",
  text: "select 1 from projects where workspace_id = $1 and capacity is not null order by id for no key update",
};

/** What no other claim of the workspace's limited projects can come between. Holds until the transaction ends. */
async function lockLimited(tx: Db, workspace_id: string): Promise<void> {
  await tx.run(LOCK_LIMITED, [workspace_id]);
}

/**
 * Claims the best ready task, or null; also null when the best is of a project with a limit: `claimBestLimited` is for
 * that. Throws a duplicate error when the claim_id was used before.
 */
export async function claimBest(db: Db, claim: BestClaim): Promise<Claimed | null> {
  const rows = await db.run<Claimed>(CLAIM_BEST, [JSON.stringify([{ i: 0, ...claim }]), false]);
  return rows[0] ?? null;
}

/** The same where projects of the workspace have a limit: claims go one after the other, so that none goes over it. */
export async function claimBestLimited(db: Db, claim: BestClaim): Promise<Claimed | null> {
  return db.transaction(async (tx) => {
    await lockLimited(tx, claim.workspace_id);
    const rows = await tx.run<Claimed>(CLAIM_BEST, [JSON.stringify([{ i: 0, ...claim }]), true]);
    return rows[0] ?? null;
  });
}

/** Claims this task, or null when it is not ready or not as it was. Throws a duplicate error when the claim_id was used before. */
export async function claimTask(db: Db, claim: TaskClaim): Promise<Claimed | null> {
  return db.transaction(async (tx) => {
    await lockLimited(tx, claim.workspace_id);
    const rows = await tx.run<Claimed>(CLAIM_TASK, [JSON.stringify([{ i: 0, ...claim }]), true]);
    return rows[0] ?? null;
  });
}
