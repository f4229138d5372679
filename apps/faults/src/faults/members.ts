/** Processes that are killed at random. How they are frozen or asked to go, the scenarios say. */
import { setTimeout as pause } from "node:timers/promises";
import type { Member } from "../cluster/cluster.ts";
import { oneOf } from "./chance.ts";
import { type Schedule, type Struck, strikes } from "./strike.ts";

export interface Kills extends Struck {
  /** Milliseconds from each death to the next "ready", in the order of the kills. */
  back_ms: number[];
}

/** One of those that are ready, by chance; the next one need not wait until it is back. */
export async function killAtRandom(schedule: Schedule, members: readonly Member[]): Promise<Kills> {
  const { chance = Math.random } = schedule;
  const returns: Promise<number>[] = [];
  const struck = await strikes(schedule, async () => {
    returns.push(oneOf(chance, await readyOf(members)).kill());
  });
  return { ...struck, back_ms: await Promise.all(returns) };
}

const LOOK_MS = 50;
const LOOKS = 600;

/** One that only just starts has nothing in its hands. */
async function readyOf(members: readonly Member[]): Promise<Member[]> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const ready = members.filter((member) => member.ready);
    if (ready.length > 0) return ready;
    await pause(LOOK_MS);
  }
  throw new Error("nobody is ready");
}
