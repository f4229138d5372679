/** The one suite that both back ends must pass. Its tests belong to the `describe` that calls it. */
import { afterAll, afterEach, beforeAll } from "vitest";
import { addingSuite, missingSuite } from "./adding.ts";
import { Bench, type Lab } from "./bench.ts";
import { bundleSuite } from "./bundles.ts";
import { abandoningSuite, drainingSuite } from "./draining.ts";
import { freeHandSuite, handsSuite, passingOnSuite } from "./hands.ts";
import { lookingSuite, troubleSuite } from "./looking.ts";
import { lateSuite, outageSuite } from "./outages.ts";
import { wakingSuite } from "./waking.ts";

export type { Lab } from "./bench.ts";

export function queueSuite(makeLab: () => Promise<Lab>): void {
  let made: Bench | undefined;
  const bench = (): Bench => {
    if (made === undefined) throw new Error("The suite has not been set up.");
    return made;
  };
  beforeAll(async () => {
    made = await Bench.over(await makeLab());
  });
  afterEach(() => bench().clear());
  afterAll(() => made?.close());
  for (const part of PARTS) part(bench);
}

const PARTS = [
  addingSuite,
  missingSuite,
  lookingSuite,
  bundleSuite,
  handsSuite,
  freeHandSuite,
  passingOnSuite,
  troubleSuite,
  drainingSuite,
  abandoningSuite,
  wakingSuite,
  outageSuite,
  lateSuite,
] as const;
