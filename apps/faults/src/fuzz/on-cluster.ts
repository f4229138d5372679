/** A scenario of this folder: a small cluster without workers, and what is done to its API. A process that ends by itself is a violation, whatever else was seen. */
import { join } from "node:path";
import type { Cluster } from "../cluster/cluster.ts";
import { startCluster } from "../cluster/start.ts";
import type { Outcome, Round, Scenario, Violation } from "../scenario.ts";

export interface Attacked {
  round: Round;
  cluster: Cluster;
  /** Of the one API that is attacked. */
  url: string;
  token: string;
}

interface Attack extends Pick<Scenario, "name" | "promise" | "shares"> {
  directors: number;
  run(attacked: Attacked): Promise<Outcome>;
}

export function onCluster({ name, promise, shares = false, directors, run }: Attack): Scenario {
  return {
    name,
    promise,
    shares,
    run: async (round) => {
      const cluster = await startCluster({
        ...{ log_folder: join(round.folder, "logs"), apis: 1, directors, workers: 0, seed: round.seed },
      });
      try {
        const outcome = await run({ round, cluster, url: cluster.api_urls[0] ?? "", token: cluster.token });
        return { ...outcome, violations: [...outcome.violations, ...accidentsOf(cluster)] };
      } finally {
        await cluster.stop();
      }
    },
  };
}

function accidentsOf({ accidents }: Cluster): Violation[] {
  return accidents.map((detail) => ({ invariant: "no process ends", detail }));
}

/** Whatever `work` throws is a violation. */
export async function violationsOf(invariant: string, work: Promise<unknown>): Promise<Violation[]> {
  try {
    await work;
    return [];
  } catch (error) {
    return [{ invariant, detail: error instanceof Error ? error.message : String(error) }];
  }
}
