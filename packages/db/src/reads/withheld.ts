/** Reading what keeps a ready task from being given out. The claims enforce the same rules by themselves. */
import type { Db } from "../client.ts";
import { statement } from "../statements.ts";

export interface Withheld {
  /** Its run is paused, or was when it became ready. */
  held: boolean;
  run_state: string;
  over_budget: boolean;
  budget_usd: string | null;
  /** Hosted workers serve its stage, and wait until the run is triggered. */
  untriggered: boolean;
  /** Of the stage's pause; null when there is none. */
  paused_by: string | null;
  pause_reason: string | null;
  /** The credential without quota, and when it has some again; null when there is none. */
  credential: string | null;
  until: Date | null;
  /** The project has as many leases as it may. */
  full: boolean;
  /** The agent did the task's dev. */
  own_work: boolean;
}

const WITHHELD = statement("withheld");

/** Null when the task is not pending. */
export async function whatWithholds(
  db: Db,
  task_id: string,
  agent: { id?: string | undefined; credential?: string | undefined } = {},
): Promise<Withheld | null> {
  const asked = [task_id, agent.id ?? null, agent.credential ?? null];
  const [row] = await db.run<Withheld & Record<string, unknown>>(WITHHELD, asked);
  return row ?? null;
}
