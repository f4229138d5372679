/** How faults are struck: on a schedule drawn from the seed, told in the history, and counted. One that does not come off does not count. */
import { setTimeout as pause } from "node:timers/promises";
import type { History } from "../history/write.ts";

export interface Struck {
  planned: number;
  injected: number;
}

export interface Schedule {
  history: History;
  /** As the history tells it. */
  name: string;
  times: number;
  /** Between the end of one and the next, in ms: so long, or something between by chance. */
  every_ms: number | readonly [least: number, most: number];
  chance?: () => number;
}

/** One after the other. A strike that throws was none, and the others go on. */
export async function strikes(schedule: Schedule, strike: (i: number) => unknown): Promise<Struck> {
  const { history, name, times, every_ms, chance = Math.random } = schedule;
  let injected = 0;
  for (let i = 0; i < times; i += 1) {
    const [least, most] = typeof every_ms === "number" ? [every_ms, every_ms] : every_ms;
    await pause(least + (most - least) * chance());
    if (await cameOff(history, name, () => strike(i))) injected += 1;
  }
  return { planned: times, injected };
}

/** Begins, lasts, and ends in any case. `begin` throws when it does not come off. */
export async function lasting(
  { history, name, lasts_ms }: { history: History; name: string; lasts_ms: number },
  { begin, end }: { begin: () => unknown; end: () => unknown },
): Promise<Struck> {
  const injected = await cameOff(history, name, async () => {
    try {
      await begin();
      await pause(lasts_ms);
    } finally {
      await end();
    }
  });
  return { planned: 1, injected: injected ? 1 : 0 };
}

async function cameOff(history: History, name: string, strike: () => unknown): Promise<boolean> {
  history.fault(name, "begin");
  try {
    await strike();
    return true;
  } catch {
    return false;
  } finally {
    history.fault(name, "end");
  }
}
