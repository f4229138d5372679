/** Reading why there is nothing to claim, and where there is something again. */
import type { Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { statement } from "../statements.ts";

/** What stands between ready tasks and an agent; all false when nothing is ready. */
export interface Nothing {
  ready: boolean;
  /** There is a lease of this claim_id already: its answer was lost, or it has ended. */
  claimed: boolean;
  /** The agent's credential has no quota left. */
  quota: boolean;
  /** Runs have cost what they may. */
  budget: boolean;
  /** Projects have a limit of leases. */
  limited: boolean;
  /** Projects have reached it. */
  full: boolean;
  /** Runs or stages are paused. */
  paused: boolean;
}

const NOTHING = statement("nothing");

export interface Asked {
  workspace_id: string;
  stages: readonly Stage[];
  credential: string | undefined;
  claim_id: string;
}

export async function whyNothing(db: Db, { workspace_id, stages, credential, claim_id }: Asked): Promise<Nothing> {
  const asked = [workspace_id, stages, credential ?? null, claim_id];
  const [why] = await db.run<Nothing & Record<string, unknown>>(NOTHING, asked);
  if (why === undefined) throw new Error("a question without an answer");
  return why;
}

const READY_IN = {
  name: "baton_ready_in",
  text: `select place.workspace_id, place.stage, ready.tasks as ready
    from json_to_recordset($1) as place (workspace_id uuid, stage text)
    cross join lateral (
      select count(*)::int as tasks
      from (
        select from tasks as task
        where task.workspace_id = place.workspace_id and task.stage = place.stage
          and task.state = 'pending' and not task.held and task.due_at <= now() + interval '0.5 ms'
        limit 200
      ) as found
    ) as ready
    where ready.tasks > 0`,
};

/** How many tasks are ready in each of these places, counted up to two hundred; places with none are left out. */
export async function readyIn<P extends { workspace_id: string; stage: Stage }>(
  db: Db,
  places: readonly P[],
): Promise<{ workspace_id: string; stage: Stage; ready: number }[]> {
  return db.run(READY_IN, [JSON.stringify(places)]);
}
