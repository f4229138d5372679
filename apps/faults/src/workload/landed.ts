/** Whether a task's branch holds what was accepted of it. Pure; what git says is read by `left-in-git.ts`. */
import type { Life } from "../checker/evidence.ts";
import { packetIdOf } from "../checker/told.ts";

export interface Passed {
  epoch: number;
  /** Null: its packet names none. */
  commit: string | null;
}

/** Of every accepted pass, in their order. */
export function passedOf({ events, packets }: Pick<Life, "events" | "packets">): Passed[] {
  const passed = events.filter(({ type }) => type === "passed");
  return passed.map(({ epoch, data }) => {
    const id = packetIdOf(data);
    return { epoch, commit: packets.find((packet) => packet.id === id)?.commit ?? null };
  });
}

export interface Branch {
  head: string;
  /** Whether the commit is the head or before it. */
  holds: (commit: string) => boolean;
  /** Of commits that attempts gave names of their own, by the attempt's epoch. */
  kept: ReadonlyMap<number, string>;
}

export interface Landed {
  /** The worker died between the last acceptance and moving the branch: one commit behind, which is kept under its own name (ADR 5). */
  behind: boolean;
  faults: string[];
}

export function judgeLanded(passed: readonly Passed[], { head, holds, kept }: Branch): Landed {
  const faults = passed.flatMap(({ epoch, commit }) =>
    commit === null ? [`epoch ${epoch} passed without a commit`] : [],
  );
  const named = passed.flatMap(({ epoch, commit }) => (commit === null ? [] : [{ epoch, commit }]));
  const last = named.at(-1);
  if (last === undefined) return { behind: false, faults: [...faults, "nothing was accepted"] };
  const before = named.findLast(({ commit }) => commit !== last.commit);
  const behind = head !== last.commit && head === before?.commit && kept.get(last.epoch) === last.commit;
  for (const { epoch, commit } of named) {
    if (!holds(commit) && !(behind && commit === last.commit))
      faults.push(`commit ${commit} of epoch ${epoch} is not on it`);
  }
  if (head !== last.commit && !behind) faults.push(`its head is ${head}, the last accepted commit is ${last.commit}`);
  return { behind, faults };
}
