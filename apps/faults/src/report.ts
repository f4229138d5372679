/** What the fault runs say in the end, as people read it: a line for each scenario, and below what must not have been seen. */
import type { Outcome, Verdict, Violation } from "./scenario.ts";

export interface Result extends Outcome {
  scenario: string;
  verdict: Verdict;
  seconds: number;
  /** Where its histories and logs lie; null when nothing is wrong and they are gone. */
  folder: string | null;
}

export interface Report {
  seed: number;
  form: string;
  seconds: number;
  results: readonly Result[];
}

/** Of one kind of violation; more are counted. */
const SHOWN = 5;

export function textOf({ seed, form, seconds, results }: Report): string {
  const wrong = results.filter(({ verdict }) => verdict !== "passed");
  return [
    tableOf(results),
    ...wrong.flatMap(({ scenario, violations, folder, verdict, injected, planned }) => [
      "",
      verdict === "void" ? `${scenario}: void, only ${injected} of ${planned} faults` : `${scenario}: failed`,
      ...shown(violations),
      ...(folder === null ? [] : [`  histories and logs: ${folder}`]),
    ]),
    "",
    `${results.length - wrong.length} of ${results.length} passed, ${form} form, seed ${seed}, ${seconds.toFixed(0)} s.`,
  ].join("\n");
}

function shown(violations: readonly Violation[]): string[] {
  const kinds = [...Map.groupBy(violations, ({ invariant }) => invariant)];
  return kinds.flatMap(([invariant, seen]) => [
    `  ${invariant}`,
    ...seen.slice(0, SHOWN).map(({ detail }) => `    ${detail}`),
    ...(seen.length > SHOWN ? [`    and ${seen.length - SHOWN} more`] : []),
  ]);
}

const HEADS = ["scenario", "verdict", "faults", "s", "figures"];

function tableOf(results: readonly Result[]): string {
  const cells = [HEADS, ...results.map(cellsOf)];
  const widths = HEADS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function cellsOf({ scenario, verdict, injected, planned, seconds, figures }: Result): string[] {
  const told = Object.entries(figures).map(([name, value]) => `${name} ${rounded(value)}`);
  return [scenario, verdict, `${injected} of ${planned}`, seconds.toFixed(0), told.join(", ")];
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
