/** The line itself: which stages there are and in which order. Owns nothing else; every other list of stages is derived. */

/** Stages in which work happens. Each one is a queue. */
export const STAGES = ["dev", "qa", "sec", "docs"] as const;
export type Stage = (typeof STAGES)[number];

/** All places a task can stand in: `none` before the line, `complete` after it. */
export const PLACES = ["none", ...STAGES, "complete"] as const;
export type Place = (typeof PLACES)[number];

export const FIRST_STAGE: Stage = "dev";

export function isStage(value: unknown): value is Stage {
  return STAGES.some((stage) => stage === value);
}

/** The place a task moves to when it passes `stage`. */
export function nextPlace(stage: Stage): Stage | "complete" {
  return STAGES[STAGES.indexOf(stage) + 1] ?? "complete";
}

/** How many stages lie behind a task that stands at `place`: 0 at dev, 4 at complete. */
export function stepsPassed(place: Place): number {
  if (place === "none") return 0;
  return place === "complete" ? STAGES.length : STAGES.indexOf(place);
}
