/** Every route of the table, called with the ids of another workspace by each of its roles. */
import { authorityFaults, CLOSED, openBorder } from "../fuzz/authority.ts";
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { openWire } from "../fuzz/wire.ts";
import { openWorkspaces } from "../fuzz/workspaces.ts";
import type { Outcome } from "../scenario.ts";

const ROUNDS = { short: 1, long: 20 };

export const authority = onCluster({
  name: "authority",
  shares: true,
  promise: "to another workspace what is there answers as what is not, over every route, and nothing of it is changed",
  directors: 0,
  run: attack,
});

async function attack({ round, url, cluster }: Attacked): Promise<Outcome> {
  const workspaces = await openWorkspaces(cluster.database_url);
  const wire = openWire(url, 4);
  const faults: string[] = [];
  const rounds = ROUNDS[round.form];
  let asked = 0;
  let done = 0;
  try {
    for (let n = 0; n < rounds; n += 1) {
      const border = await openBorder(wire, url, await workspaces.open("ours"), await workspaces.open("theirs"));
      for (const name of CLOSED) {
        const seen = await authorityFaults(border, name);
        faults.push(...seen.faults);
        asked += seen.asked;
        done += 1;
      }
    }
  } finally {
    wire.close();
    await workspaces.close();
  }
  const violations = faults
    .slice(0, 50)
    .map((detail) => ({ invariant: "nothing is known to another workspace", detail }));
  return {
    planned: rounds * CLOSED.length,
    injected: done,
    violations,
    figures: { routes: CLOSED.length, foreign_calls: asked },
  };
}
