/** The clocks of all processes but the database's are off: by two hours in either direction, the API's by five minutes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { clockOff, skewLine } from "../clocks/skew.ts";
import type { Kind } from "../cluster/cluster.ts";
import { type Ground, underWork } from "../workload/under-work.ts";

const HOURS_MS = 2 * 3_600_000;
const MINUTES_MS = 5 * 60_000;
const TASKS = { short: 20, long: 500 };

/** Every other one of a kind is ahead, the others are behind. */
function skewOf({ kind, index }: { kind: Kind; index: number }): number {
  return (index % 2 === 0 ? 1 : -1) * (kind === "api" ? MINUTES_MS : HOURS_MS);
}

export const clocks = underWork({
  name: "clocks",
  shares: true,
  promise: "only the database's clock decides when a lease is over",
  cluster: { env: (who) => clockOff(skewOf(who)) },
  recovers: false,
  in_flight: 0,
  fault: async ({ round, cluster, work }) => {
    await work.submit("slow", TASKS[round.form] / 4);
    await work.submit("plain", TASKS[round.form]);
    await work.allEnded(round.form === "short" ? 120 : 1_200);
    return { planned: cluster.members.length, injected: membersOff({ round, cluster }), violations: [], figures: {} };
  },
});

/** Those that say so themselves: a program that was started without the skew says nothing. */
function membersOff({ round, cluster }: Pick<Ground, "round" | "cluster">): number {
  return cluster.members.filter(({ name, kind }) => {
    const index = cluster.of(kind).findIndex((member) => member.name === name);
    const said = readFileSync(join(round.folder, "logs", `${name}.log`), "utf8");
    return said.split("\n").includes(skewLine(skewOf({ kind, index })));
  }).length;
}
