/** One leased task from its worktree to the server's answer. What came of it is said here and given back; nothing of the work stays behind. */
import { type AttemptResult, changesSoFar, messagesOf, type Surroundings, workAttempt } from "@baton/agents";
import type { ClaimedLease, LeaseView, ProblemView } from "@baton/domain/api";
import { assignmentOf } from "./assignment.ts";
import type { Desk } from "./claim-next.ts";
import { giveUp } from "./give-up.ts";
import { handIn } from "./hand-in.ts";
import { type Hold, holdLease } from "./hold.ts";
import { keepFile } from "./keep-file.ts";

/** What came of a lease. */
export type Outcome =
  | { kind: "passed" | "rejected" }
  /** `stop`: the next task would meet the same. */
  | { kind: "failed"; stop: boolean; quota: boolean; retry_after_s: number | null }
  | { kind: "blocked" }
  | { kind: "released" }
  | { kind: "thrown_away" }
  | { kind: "refused"; problem: ProblemView };

export interface Workshop extends Desk {
  data_dir: string;
  env: Surroundings["env"];
  onGroup: (group: number) => void;
}

export async function workLease(shop: Workshop, claimed: ClaimedLease): Promise<Outcome> {
  const { lease, task } = claimed;
  shop.say({
    ...{ event: "claimed", task_id: task.id, lease_id: lease.id, title: task.title },
    ...{ stage: lease.stage, visit: lease.visit, attempt: lease.attempt },
  });
  const assignment = assignmentOf(claimed, shop.options);
  const hold = holdLease(shop, {
    lease,
    messages: messagesOf(assignment, shop.data_dir),
    look: () => changesSoFar(assignment, { data_dir: shop.data_dir, env: shop.env }),
  });
  const surroundings = surroundingsOf(shop, lease, hold);
  try {
    const begun = performance.now();
    const result = await attempted(() => workAttempt(assignment, surroundings), hold);
    const cut = hold.cut();
    if (cut?.kind === "thrown_away") {
      shop.say({ event: "thrown_away", task_id: task.id, why: cut.why });
      return { kind: "thrown_away" };
    }
    if (cut?.kind === "refused") return { kind: "refused", problem: cut.problem };
    hold.handingIn();
    if (result.outcome === "done") {
      return await handIn(shop, claimed, assignment, surroundings, result, performance.now() - begun);
    }
    return await giveUp(shop, claimed, result, cut);
  } finally {
    await hold.stop();
  }
}

/** What throws is a bug or a broken machine: the worker's fault, not the task's. */
async function attempted(work: () => Promise<AttemptResult>, hold: Hold): Promise<AttemptResult> {
  try {
    return await work();
  } catch (error) {
    if (hold.signal.aborted) return { outcome: "stopped" };
    const message = error instanceof Error ? error.message : String(error);
    return { outcome: "fail", fault: "worker", message: `the worker broke: ${message}`, usage: {} };
  }
}

function surroundingsOf(shop: Workshop, lease: LeaseView, hold: Hold): Surroundings {
  return {
    data_dir: shop.data_dir,
    env: shop.env,
    signal: hold.signal,
    messages: true,
    log: ({ stream, text }) =>
      shop.say(stream === "baton" ? { event: "note", text } : { event: "output", stream, text }),
    onGroup: shop.onGroup,
    onSession: hold.onSession,
    keepFile: (file) => keepFile(shop, lease, file, hold.signal),
  };
}
