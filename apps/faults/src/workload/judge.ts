/** What is held against every round under workload W: the checker's invariants, that no request ever got a 5xx other than the "later" that it can live with, and that none was refused but for a reason that its sender can meet. */
import { isAway } from "@baton/db";
import { checkHistory } from "../checker/check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import type { Operation } from "../history/entry.ts";
import type { Call } from "../history/read.ts";
import type { Violation } from "../scenario.ts";

export interface Judged {
  calls: Call[];
  violations: Violation[];
  /** Completions that came too late and were refused. */
  late_refused: number;
}

export interface Scene {
  history_folder: string;
  /** BATON_DATA_DIR of the cluster. */
  data: string;
  queue: "redis" | "postgres";
}

export async function judge(cluster: Cluster, { history_folder, data, queue }: Scene): Promise<Judged> {
  const places = {
    database_url: cluster.database_url,
    store_folder: `${data}/artifacts`,
    ...(queue === "redis" && { redis_url: cluster.redis_url }),
  };
  const { calls, violations } = await whenThere(() => checkHistory(history_folder, places));
  const late_refused = calls.filter(isLate).length;
  return { calls, violations: [...violations, ...badAnswers(calls), ...oddRefusals(calls)], late_refused };
}

/** On a busy machine a database may be slow to answer, which says nothing about the line. */
async function whenThere<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || tries === TRIES) throw error;
    }
  }
}

const TRIES = 5;

function isLate({ operation, end }: Call): boolean {
  return operation.op === "complete" && end.type === "fail" && end.status === 410;
}

/** The reasons are those of `desk.ts`. */
const LIVABLE = /^503 \w+$/;

function badAnswers(calls: readonly Call[]): Violation[] {
  return calls.flatMap(({ operation, end }) => {
    if (end.type !== "info" || !/^5\d\d /.test(end.reason) || LIVABLE.test(end.reason)) return [];
    return [{ invariant: "of all 5xx only 503 with Retry-After", detail: `${operation.op}: ${end.reason}` }];
  });
}

type Name = Operation["op"];
const ON_A_RUN: readonly Name[] = ["pause", "resume", "kill"];
const BY_A_HOLDER: readonly Name[] = ["heartbeat", "checkpoint", "artifact", "complete", "fail", "release"];

/** Refusals that callers meet on any day, and whose they are. All others are told. */
const NORMAL: Readonly<Record<string, readonly Name[]>> = {
  // The lease was over, or its run was killed.
  "410 lease_lost": BY_A_HOLDER,
  // Asked again while the first request is still being answered.
  "409 idempotency_in_progress": ["create_run", ...BY_A_HOLDER, ...ON_A_RUN],
  // Asked again when the lease, whose answer was lost, is over already.
  "409 claim_id_used": ["claim"],
  // Asked again while the claim of the first request is still being made.
  "409 conflict": ["claim"],
  // A run may end before it is paused, and be killed before it is resumed.
  "409 run_closed": ON_A_RUN,
};

export function oddRefusals(calls: readonly Call[]): Violation[] {
  return calls.flatMap(({ operation: { op }, end }) => {
    if (end.type !== "fail") return [];
    const refusal = `${end.status} ${end.code}`;
    if (NORMAL[refusal]?.includes(op) === true) return [];
    return [{ invariant: "refusals are those that their callers can meet", detail: `${op}: ${refusal}` }];
  });
}
