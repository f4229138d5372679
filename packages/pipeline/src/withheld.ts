/** What keeps a ready task from being given out, said for people: what it is and how it goes on. */
import { whatWithholds } from "@baton/db";
import type { ExplainView } from "@baton/domain/api";
import type { Line } from "./line.ts";

/** Who asks; without an id what concerns everybody. */
export interface Asking {
  id?: string | undefined;
  credential?: string | undefined;
}

export async function withheld(line: Line, task_id: string, agent: Asking = {}): Promise<ExplainView["blockers"]> {
  const found = await whatWithholds(line.db, task_id, agent);
  if (found === null) return [];
  const { run_state, budget_usd, paused_by, pause_reason, credential, until } = found;
  return [
    ...(found.held ? [{ kind: "run", reason: `the run is ${run_state}. Resume the run` }] : []),
    ...(found.over_budget ? [{ kind: "budget", reason: `the run has cost its ${budget_usd} USD` }] : []),
    ...(paused_by ? [{ kind: "stage", reason: `the stage is paused by ${paused_by}: ${pause_reason}` }] : []),
    ...(credential && until
      ? [{ kind: "quota", reason: `the quota of ${credential} is used up until ${until.toISOString()}` }]
      : []),
    ...(found.full
      ? [{ kind: "capacity", reason: "its project has as many leases as it may; it is next when one ends" }]
      : []),
    ...(found.untriggered ? [{ kind: "trigger", reason: UNTRIGGERED }] : []),
    ...(found.own_work ? [{ kind: "own_work", reason: `${agent.id} did its dev and may not pass its own work` }] : []),
  ];
}

const UNTRIGGERED =
  "hosted workers wait until its run is triggered (POST /api/runs/:id/trigger-agent or trigger-pipeline); an agent that asks for work is given it";
