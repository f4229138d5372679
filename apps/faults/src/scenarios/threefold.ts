/** Every mutation of the route table, three times at the same moment under one key. */
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { handsOf } from "../fuzz/scenes.ts";
import { MUTATIONS, type Place, threefoldFaults } from "../fuzz/threefold.ts";
import { openWire } from "../fuzz/wire.ts";
import { openWorkspaces, type Workspaces } from "../fuzz/workspaces.ts";
import type { Outcome } from "../scenario.ts";

/** How often each mutation is sent, three times each time. */
const ROUNDS = { short: 2, long: 10_000 / MUTATIONS.length };
const LANES = 3;

export const threefold = onCluster({
  name: "threefold",
  shares: true,
  promise:
    "a call that is sent three times at once under one key is done once, and all who ask again are told the same",
  directors: 0,
  run: attack,
});

async function attack({ round, url, cluster }: Attacked): Promise<Outcome> {
  const calls = Array.from({ length: Math.ceil(ROUNDS[round.form]) }, () => MUTATIONS).flat();
  const workspaces = await openWorkspaces(cluster.database_url);
  const wire = openWire(url, 3 * LANES);
  const faults: string[] = [];
  let done = 0;
  const lane = async (_: unknown, number: number) => {
    const place = await placeFor(workspaces, { wire, url, number });
    for (let name = calls.pop(); name !== undefined; name = calls.pop()) {
      faults.push(...(await threefoldFaults(place, name)));
      done += 1;
      if (done % 500 === 0) round.tell(`${done} mutations sent three times`);
    }
  };
  const planned = calls.length;
  try {
    await Promise.all(Array.from({ length: LANES }, lane));
  } finally {
    wire.close();
    await workspaces.close();
  }
  const violations = faults.slice(0, 50).map((detail) => ({ invariant: "one effect and one answer", detail }));
  return { planned, injected: done, violations, figures: { mutations: MUTATIONS.length, sent: 3 * done } };
}

async function placeFor(
  workspaces: Workspaces,
  { wire, url, number }: { wire: Place["wire"]; url: string; number: number },
) {
  const workspace = await workspaces.open(`lane ${number}`);
  const { token: stranger } = await workspaces.open(`stranger ${number}`);
  return { wire, workspace, hands: handsOf(url, workspace.token), stranger };
}
