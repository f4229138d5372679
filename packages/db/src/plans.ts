/** Plans as rows: the goal of a run in the hands of a planner. Every write of a holder names the lease's epoch, and counts only while the lease lives by the database's clock. */
import { OPEN_RUN_STATES } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, desc, eq, inArray, lt, sql } from "./drizzle.ts";
import { newId } from "./ids.ts";
import type { Page } from "./projects.ts";
import { plans, runs } from "./schema/index.ts";

export type PlanRow = typeof plans.$inferSelect;

/** A plan as it is now: `alive` says whether its lease lives. */
export interface FoundPlan {
  plan: PlanRow;
  alive: boolean;
}

const ALIVE = sql<boolean>`${plans.state} = 'leased' and ${plans.lease_expires_at} > now()`;

/** The newest plan of a run. */
export async function newestPlan(db: Db, workspace_id: string, run_id: string): Promise<FoundPlan | null> {
  const [found] = await db.orm
    .select({ plan: plans, alive: ALIVE })
    .from(plans)
    .where(and(eq(plans.workspace_id, workspace_id), eq(plans.run_id, run_id)))
    .orderBy(desc(plans.id))
    .limit(1);
  return found ?? null;
}

/** The same, locked until the transaction ends: its holder can neither keep nor end it meanwhile. */
export async function lockNewestPlan(tx: Db, workspace_id: string, run_id: string): Promise<FoundPlan | null> {
  const [found] = await tx.orm
    .select({ plan: plans, alive: ALIVE })
    .from(plans)
    .where(and(eq(plans.workspace_id, workspace_id), eq(plans.run_id, run_id)))
    .orderBy(desc(plans.id))
    .limit(1)
    .for("update");
  return found ?? null;
}

export async function findPlan(db: Db, workspace_id: string, id: string): Promise<PlanRow | null> {
  const [row] = await db.orm
    .select()
    .from(plans)
    .where(and(eq(plans.workspace_id, workspace_id), eq(plans.id, id)));
  return row ?? null;
}

/** The plan of a run that somebody has claimed under this claim_id. */
export async function planClaimed(db: Db, run_id: string, claim_id: string): Promise<FoundPlan | null> {
  const [found] = await db.orm
    .select({ plan: plans, alive: ALIVE })
    .from(plans)
    .where(and(eq(plans.run_id, run_id), eq(plans.claim_id, claim_id)))
    .orderBy(desc(plans.id))
    .limit(1);
  return found ?? null;
}

export async function pageOfPlans(db: Db, workspace_id: string, run_id: string, page: Page): Promise<PlanRow[]> {
  return db.orm
    .select()
    .from(plans)
    .where(
      and(
        eq(plans.workspace_id, workspace_id),
        eq(plans.run_id, run_id),
        page.before === null ? undefined : lt(plans.id, page.before),
      ),
    )
    .orderBy(desc(plans.id))
    .limit(page.limit);
}

export interface PlanClaim {
  claim_id: string;
  token_id: string;
  agent_id: string;
  lease_ms: number;
  role_version: number;
}

export async function openPlan(tx: Db, run: { id: string; workspace_id: string; goal: string }): Promise<string> {
  const id = newId();
  await tx.orm.insert(plans).values({ id, workspace_id: run.workspace_id, run_id: run.id, goal: run.goal });
  return id;
}

/** Null when somebody holds it, or it is over. */
export async function leasePlan(tx: Db, id: string, claim: PlanClaim): Promise<PlanRow | null> {
  const free = sql`(${plans.state} = 'open' or (${plans.state} = 'leased' and ${plans.lease_expires_at} <= now()))`;
  const [row] = await tx.orm
    .update(plans)
    .set({
      ...claim,
      ...{ state: "leased", prompt_sha256: null, epoch: sql`${plans.epoch} + 1`, updated_at: sql`now()` },
      lease_expires_at: sql`now() + ${claim.lease_ms}::int * interval '1 ms'`,
    })
    .where(and(eq(plans.id, id), free))
    .returning();
  return row ?? null;
}

/** Who holds a plan, and under which epoch. */
export interface HeldPlan {
  id: string;
  workspace_id: string;
  epoch: number;
}

const held = ({ id, workspace_id, epoch }: HeldPlan) =>
  and(eq(plans.id, id), eq(plans.workspace_id, workspace_id), eq(plans.epoch, epoch), ALIVE);

export async function notePlanPrompt(tx: Db, plan: HeldPlan, prompt_sha256: string): Promise<void> {
  await tx.orm.update(plans).set({ prompt_sha256 }).where(held(plan));
}

/** Extends the lease by its length, as long as its run is not over; null when it is lost. */
export async function beatPlan(db: Db, plan: HeldPlan): Promise<{ expires_at: Date; paused: boolean } | null> {
  const [row] = await db.orm
    .update(plans)
    .set({ lease_expires_at: sql`now() + ${plans.lease_ms} * interval '1 ms'`, updated_at: sql`now()` })
    .from(runs)
    .where(and(held(plan), eq(runs.id, plans.run_id), inArray(runs.state, OPEN_RUN_STATES)))
    .returning({ expires_at: plans.lease_expires_at, run_state: runs.state });
  return row?.expires_at ? { expires_at: row.expires_at, paused: row.run_state === "paused" } : null;
}

/** Null when the lease is lost. */
export async function endPlan(
  tx: Db,
  plan: HeldPlan,
  end: { state: "completed"; packet: unknown } | { state: "failed"; reason: string },
): Promise<PlanRow | null> {
  const [row] = await tx.orm
    .update(plans)
    .set({ ...end, lease_expires_at: null, updated_at: sql`now()` })
    .where(held(plan))
    .returning();
  return row ?? null;
}
