/** One fault under work, from its beginning until all is well again. Several make a scenario: one cluster serves them all. */
import type { Outcome } from "../scenario.ts";
import type { Ground } from "../workload/under-work.ts";

export interface Act {
  /** Stands before its figures. */
  name: string;
  run(ground: Ground): Promise<Outcome>;
}

/** One after the other. What each saw is added up. */
export function inTurn(...acts: readonly Act[]): (ground: Ground) => Promise<Outcome> {
  return async (ground) => {
    const whole: Outcome = { planned: 0, injected: 0, violations: [], figures: {} };
    for (const { name, run } of acts) {
      const { planned, injected, violations, figures } = await run(ground);
      whole.planned += planned;
      // What one act struck more than it planned makes up for none that another did not.
      whole.injected += Math.min(planned, injected);
      whole.violations.push(...violations);
      for (const [figure, value] of Object.entries(figures)) whole.figures[`${name}_${figure}`] = value;
      ground.round.tell(`${name}: ${injected} of ${planned}, ${textOf(figures)}`);
    }
    return whole;
  };
}

const textOf = (figures: Outcome["figures"]): string =>
  Object.entries(figures)
    .map(([name, value]) => `${name} ${Math.round(value * 100) / 100}`)
    .join(", ");
