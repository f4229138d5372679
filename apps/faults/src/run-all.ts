/** Runs scenarios one after the other, each in a folder of its own, which stays when something is wrong. One that breaks or does not end is failed, not the others. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { clearLeftovers, interrupted } from "./cluster/leftovers.ts";
import type { Options } from "./options.ts";
import type { Report, Result } from "./report.ts";
import { type Outcome, type Scenario, verdictOf } from "./scenario.ts";

/** Far beyond what any takes. */
const LIMIT_MS = { short: 600_000, long: 3_600_000 };

export interface Chosen extends Pick<Options, "form" | "seed"> {
  /** Of each scenario, in place of the one of its form. */
  limit_ms?: number;
}

export async function runAll(
  scenarios: readonly Scenario[],
  chosen: Chosen,
  tell: (line: string) => void,
): Promise<Report> {
  const begun = performance.now();
  const root = mkdtempSync(join(tmpdir(), "baton-faults-"));
  // Root's Postgres runs under another account, which must be able to enter.
  chmodSync(root, 0o755);
  const results: Result[] = [];
  for (const scenario of scenarios) {
    if (interrupted.aborted) break;
    tell(`${scenario.name}: ${scenario.promise}`);
    const result = await runOne(scenario, chosen, join(root, scenario.name), (line) => tell(`  ${line}`));
    const [first] = result.violations;
    const why = first ? `, ${first.invariant}: ${first.detail.slice(0, 300)}` : "";
    tell(`${scenario.name}: ${result.verdict} in ${result.seconds.toFixed(0)} s${why}`);
    if (interrupted.aborted) tell(`histories and logs: ${result.folder}`);
    results.push(result);
  }
  if (results.every(({ folder }) => folder === null)) rmSync(root, { recursive: true, force: true });
  return { seed: chosen.seed, form: chosen.form, seconds: (performance.now() - begun) / 1_000, results };
}

async function runOne(
  scenario: Scenario,
  { form, seed, limit_ms = LIMIT_MS[form] }: Chosen,
  folder: string,
  tell: (line: string) => void,
): Promise<Result> {
  mkdirSync(folder);
  const begun = performance.now();
  const limit = new AbortController();
  const outcome = await Promise.race([
    scenario.run({ form, seed, folder, tell }),
    pause(limit_ms, broken("it did not end"), { signal: limit.signal }),
    interruption(limit.signal),
  ]).catch((error: unknown) => broken(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  limit.abort();
  // Nothing, when it has cleared up after itself. What did not end must not run beside the next one.
  for (const problem of await clearLeftovers()) tell(`left behind: ${problem}`);
  const verdict = verdictOf(outcome);
  const seconds = (performance.now() - begun) / 1_000;
  if (verdict === "passed") rmSync(folder, { recursive: true, force: true });
  return { ...outcome, scenario: scenario.name, verdict, seconds, folder: verdict === "passed" ? null : folder };
}

function interruption(signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    interrupted.addEventListener("abort", () => resolve(broken("the run was interrupted")), { once: true, signal });
  });
}

const broken = (detail: string): Outcome => ({
  ...{ planned: 0, injected: 0, figures: {} },
  violations: [{ invariant: "the scenario runs to its end", detail }],
});
