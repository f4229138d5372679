/** Runs a property in several lanes at once, each with its own seed, for a number of cases or for a time. What fails is made as small as possible by fast-check and told with its seed. */
import { inspect } from "node:util";
import fc from "fast-check";

export interface Effort {
  lanes: number;
  seed: number;
  /** At most, over all lanes. */
  cases: number;
  /** No new case is begun after it. */
  ms?: number;
}

export interface Run {
  cases: number;
  /** One for each lane that failed: what was seen, the smallest case, and the seed it comes from. */
  failures: string[];
}

/** `check` throws (or says what is wrong) when a case fails. `made` makes the lane's own property; `told` shows a case to people. */
export async function inLanes<T>(
  { lanes, seed, cases, ms }: Effort,
  arbitrary: (lane: number) => fc.Arbitrary<T>,
  check: (one: T, lane: number) => Promise<string | null>,
  told: (one: T) => string = (one) => inspect(one, { depth: 8, breakLength: 120 }),
): Promise<Run> {
  let done = 0;
  const failed = Array.from({ length: lanes }, async (_, lane) => {
    let last: Promise<string | null> = Promise.resolve(null);
    const property = fc.asyncProperty(arbitrary(lane), async (one) => {
      done += 1;
      last = check(one, lane);
      const fault = await last;
      if (fault !== null) throw new Error(fault);
    });
    const details = await fc.check(property, {
      ...{ seed: seed + lane, numRuns: Math.ceil(cases / lanes), endOnFailure: false },
      ...(ms !== undefined && { interruptAfterTimeLimit: ms, markInterruptAsFailure: false }),
    });
    // When the time is over, the case that is under way goes on behind the back of the property.
    await last.catch(() => null);
    if (!details.failed) return [];
    const smallest = details.counterexample?.[0];
    const what = smallest === undefined ? "nothing was tried in time" : told(smallest);
    const why = details.errorInstance instanceof Error ? details.errorInstance.message : "no case was run";
    return [
      `${why}\n  seed ${details.seed}, path ${details.counterexamplePath}, made smaller ${details.numShrinks} times\n  ${what}`,
    ];
  });
  return { failures: (await Promise.all(failed)).flat(), cases: done };
}
