/** Every process is asked to end, one after the other, as in a rolling update. */
import type { Member } from "../cluster/cluster.ts";
import type { Act } from "../faults/act.ts";
import { membersBack } from "../faults/members-back.ts";
import { strikes } from "../faults/strike.ts";
import type { Violation } from "../scenario.ts";
import { underWork } from "../workload/under-work.ts";

/** From the issue. */
const EXIT_MS = 15_000;
const ROUNDS = { short: 1, long: 20 };

export const rolling: Act = {
  name: "sigterm",
  run: async ({ round, cluster, history }) => {
    const { members } = cluster;
    // The short form asks half of them: one of each pair of APIs, directors, workers, agents comes to see the other go.
    const chosen = round.form === "long" ? members : members.filter((_, i) => i % 2 === 0);
    const ended_ms: number[] = [];
    const missing: string[] = [];
    const times = chosen.length * ROUNDS[round.form];
    const struck = await strikes({ history, name: "SIGTERM", times, every_ms: 300 }, async (i) => {
      ended_ms.push(await living(chosen[i % chosen.length]).restart());
      missing.push(...(await membersBack(cluster)).missing);
    });
    return {
      ...struck,
      violations: [...slowExits(ended_ms), ...notBack(missing)],
      figures: { exit_max_s: Math.max(...ended_ms) / 1_000 },
    };
  },
};

export const rollingSigterm = underWork({
  name: "rolling-sigterm",
  promise: "processes that are asked to go end in 15 s, and nobody hears more of it than 503",
  forms: ["long"],
  recovers: false,
  fault: rolling.run,
});

function living(member: Member | undefined): Member {
  if (member?.pid === undefined) throw new Error("it does not live");
  return member;
}

function slowExits(ended_ms: readonly number[]): Violation[] {
  return ended_ms
    .filter((ms) => ms > EXIT_MS)
    .map((ms) => ({ invariant: "exit in 15 s", detail: `one ended after ${Math.round(ms)} ms` }));
}

export function notBack(missing: readonly string[]): Violation[] {
  return [...new Set(missing)].map((name) => ({
    invariant: "who was asked to go is back within 30 s",
    detail: `${name} was missing half a minute after one was asked to go`,
  }));
}
