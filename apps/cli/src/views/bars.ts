/** Progress bars: how many tasks of a run have passed each stage, and where the others are. */
import { PLACES, STAGES, type Stage } from "@baton/domain";
import type { ProgressView } from "@baton/domain/api";
import type { Terminal } from "../terminal.ts";

export interface Bar {
  stage: Stage;
  /** Tasks that are in this stage. */
  here: number;
  /** Tasks that have it behind them. */
  passed: number;
  total: number;
}

export function barsOf({ by_stage, total }: ProgressView): Bar[] {
  return STAGES.map((stage) => {
    const later = PLACES.slice(PLACES.indexOf(stage) + 1);
    return { stage, here: by_stage[stage], passed: later.reduce((sum, place) => sum + by_stage[place], 0), total };
  });
}

const WIDEST = 40;
/** The stage's name before the bar and the figures after it. */
const BESIDES = 6 + 28;

export function barLine({ stage, here, passed, total }: Bar, width: number | null, style: Terminal["style"]): string {
  const cells = Math.max(8, Math.min(WIDEST, (width ?? 80) - BESIDES));
  const part = (count: number) => (total === 0 ? 0 : Math.floor((count / total) * cells));
  const done = part(passed);
  // Whoever is here shows, however many there are.
  const at = here === 0 ? 0 : Math.min(cells - done, Math.max(1, part(here)));
  const bar =
    style("green", "█".repeat(done)) + style("cyan", "▒".repeat(at)) + style("dim", "░".repeat(cells - done - at));
  return `${stage.padEnd(6)}${bar} ${passed}/${total} passed${here === 0 ? "" : `, ${here} here`}`;
}
