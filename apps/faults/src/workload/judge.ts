/** What is held against every round under workload W: the checker's invariants, and that no request ever got a 5xx other than the "later" that it can live with. */
import { isAway } from "@baton/db";
import { checkHistory } from "../checker/check.ts";
import type { Cluster } from "../cluster/cluster.ts";
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
  return { calls, violations: [...violations, ...badAnswers(calls)], late_refused };
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

/** The reasons are those of `desk.ts`. 507: the artifact store is full. */
const LIVABLE = /^(503 \w+|507 \w+)$/;

function badAnswers(calls: readonly Call[]): Violation[] {
  return calls.flatMap(({ operation, end }) => {
    if (end.type !== "info" || !/^5\d\d /.test(end.reason) || LIVABLE.test(end.reason)) return [];
    return [{ invariant: "of all 5xx only 503 with Retry-After", detail: `${operation.op}: ${end.reason}` }];
  });
}
