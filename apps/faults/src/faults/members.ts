/** Processes that are killed at random. How they are frozen or asked to go, the scenarios say. */
import type { Member } from "../cluster/cluster.ts";
import { oneOf } from "./chance.ts";
import { type Schedule, type Struck, strikes } from "./strike.ts";

export interface Kills extends Struck {
  /** Milliseconds from each death to the next "ready", in the order of the kills. */
  back_ms: number[];
}

/** One of those that live, by chance; the next one need not wait until it is back. */
export async function killAtRandom(schedule: Schedule, members: readonly Member[]): Promise<Kills> {
  const { chance = Math.random } = schedule;
  const returns: Promise<number>[] = [];
  const struck = await strikes(schedule, () => {
    const living = members.filter(({ pid }) => pid !== undefined);
    returns.push(oneOf(chance, living).kill());
  });
  return { ...struck, back_ms: await Promise.all(returns) };
}
