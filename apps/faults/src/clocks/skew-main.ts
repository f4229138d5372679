/** Loaded before a program (`--import`): its calendar is off by FAULTS_CLOCK_SKEW_MS from then on. The monotonic clock, by which histories are written, is left alone. */
import { skew_ms } from "./env.ts";
import { skewLine } from "./skew.ts";

const Real = Date;

class Skewed extends Real {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Real.now() + skew_ms);
    else super(...(given as [number]));
  }

  static override now(): number {
    return Real.now() + skew_ms;
  }
}

globalThis.Date = Skewed as DateConstructor;

// Of the calendar as the program sees it from now on.
console.error(skewLine(Date.now() - Real.now()));
