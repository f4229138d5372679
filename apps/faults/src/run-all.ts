/**
 * Runs scenarios: those that are judged by times one after the other, the others beside each other. Each has a folder of its own,
 * which stays when something is wrong. One that breaks or does not end is failed, not the others.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { household, interrupted } from "./cluster/leftovers.ts";
import type { Options } from "./options.ts";
import type { Report, Result } from "./report.ts";
import { type Outcome, type Round, type Scenario, verdictOf } from "./scenario.ts";

/** Far beyond what any takes. */
const LIMIT_MS = { short: 600_000, long: 3_600_000 };

/** What two cores carry of those that are not judged by times. */
const AT_ONCE = 3;

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
  const ended = await inTurn(scenarios, (scenario, measured) =>
    runOne(scenario, chosen, { folder: join(root, scenario.name), tell, measured }),
  );
  const results = scenarios.flatMap((scenario) => ended.get(scenario) ?? []);
  if (results.every(({ folder }) => folder === null)) rmSync(root, { recursive: true, force: true });
  return { seed: chosen.seed, form: chosen.form, seconds: (performance.now() - begun) / 1_000, results };
}

type RunOne = (scenario: Scenario, measured: () => void) => Promise<Result>;

/** Those that are judged by times one after the other, each beside nobody until it is measured; those that share when nobody measures. */
async function inTurn(scenarios: readonly Scenario[], run: RunOne): Promise<Map<Scenario, Result>> {
  const ended = new Map<Scenario, Result>();
  const begin = async (scenario: Scenario, measured = (): void => {}): Promise<void> => {
    ended.set(scenario, await run(scenario, measured));
  };
  const sharing = scenarios.filter(({ shares }) => shares === true);
  const lanes = (count: number, until: () => boolean): Promise<void>[] =>
    Array.from({ length: count }, async () => {
      while (!until() && !interrupted.aborted) {
        const next = sharing.shift();
        if (next === undefined) return;
        await begin(next);
      }
    });
  for (const scenario of scenarios.filter(({ shares }) => shares !== true)) {
    if (interrupted.aborted) break;
    const { promise: measured, resolve } = Promise.withResolvers<void>();
    const over = begin(scenario, resolve);
    await Promise.race([measured, over]);
    await Promise.all([over, ...lanes(AT_ONCE - 1, () => ended.has(scenario))]);
  }
  await Promise.all(lanes(AT_ONCE, () => false));
  return ended;
}

async function runOne(
  scenario: Scenario,
  { form, seed, limit_ms = LIMIT_MS[form] }: Chosen,
  { folder, tell, measured }: Pick<Round, "folder" | "tell" | "measured">,
): Promise<Result> {
  const { name, promise } = scenario;
  const telling = (line: string): void => tell(`${name}: ${line}`);
  telling(promise);
  mkdirSync(folder);
  const begun = performance.now();
  const limit = new AbortController();
  const home = household();
  const outcome = await Promise.race([
    home.run(() => scenario.run({ form, seed, folder, tell: telling, measured })),
    pause(limit_ms, broken("it did not end"), { signal: limit.signal }),
    interruption(limit.signal),
  ]).catch((error: unknown) => broken(error instanceof Error ? (error.stack ?? error.message) : String(error)));
  limit.abort();
  // Nothing, when it has cleared up after itself. What did not end must not run beside the next one.
  for (const problem of await home.clear()) telling(`left behind: ${problem}`);
  const verdict = verdictOf(outcome);
  const seconds = (performance.now() - begun) / 1_000;
  telling(`${verdict} in ${seconds.toFixed(0)} s${firstOf(outcome)}`);
  if (interrupted.aborted) telling(`histories and logs: ${folder}`);
  if (verdict === "passed") rmSync(folder, { recursive: true, force: true });
  return { ...outcome, scenario: name, verdict, seconds, folder: verdict === "passed" ? null : folder };
}

function firstOf({ violations: [first] }: Outcome): string {
  return first ? `, ${first.invariant}: ${first.detail.slice(0, 300)}` : "";
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
