/** Runs scenarios out of a copy of the checkout with the harness of this one, and says what they noticed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { default_root, inherited } from "../cluster/env.ts";
import { clearedAfter, interrupted, type Leftovers } from "../cluster/leftovers.ts";
import type { Report } from "../report.ts";
import type { Bug } from "./bug.ts";
import { copyTree } from "./copy-tree.ts";

export interface Found {
  bug: string;
  /** The scenario and what it told; null when nobody noticed. */
  caught_by: string | null;
  /** Why not, or how the run without a bug went wrong. */
  problem: string | null;
  seconds: number;
}

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** A bug shows by chance: once more with another seed, and it has to. */
const TRIES = 2;

export function hunt(bug: Bug, seed: number): Promise<Found> {
  const begun = performance.now();
  return clearedAfter(async (leftovers) => {
    const root = copyTree(default_root, bug, leftovers);
    let problem = "";
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [result] = (await reportOf({ root, leftovers }, [bug.scenario], seed + tries)).results;
      const told = result?.violations.filter(({ invariant }) => bug.breaks.includes(invariant)) ?? [];
      const [first] = told;
      const seconds = (performance.now() - begun) / 1_000;
      if (first !== undefined) {
        const all = [...new Set(told.map(({ invariant }) => invariant))].join(", ");
        return { bug: bug.name, caught_by: `${bug.scenario}: ${all} (${told.length})`, problem: null, seconds };
      }
      problem = `${bug.scenario} ${result?.verdict ?? "did not run"} ${result?.violations[0]?.detail.slice(0, 300) ?? ""}`;
    }
    return { bug: bug.name, caught_by: null, problem, seconds: (performance.now() - begun) / 1_000 };
  });
}

/** Without a bug nothing may be told. */
export function healthy(scenarios: readonly string[], seed: number): Promise<Found> {
  const begun = performance.now();
  return clearedAfter(async (leftovers) => {
    const root = copyTree(default_root, null, leftovers);
    const { results } = await reportOf({ root, leftovers }, scenarios, seed);
    const wrong = results.filter(({ verdict }) => verdict !== "passed");
    const told = wrong.map(({ scenario, verdict, violations, folder }) => {
      const [first] = violations;
      return `${scenario} ${verdict} ${first ? `${first.invariant}: ${first.detail.slice(0, 300)}` : ""} ${folder}`;
    });
    const complete = results.length === scenarios.length;
    const problem = complete && wrong.length === 0 ? null : told.join("; ") || "not all of them ran";
    return { bug: "none", caught_by: null, problem, seconds: (performance.now() - begun) / 1_000 };
  });
}

interface Copy {
  root: string;
  leftovers: Leftovers;
}

async function reportOf(
  { root, leftovers }: Copy,
  scenarios: readonly string[],
  seed: number,
): Promise<Pick<Report, "results">> {
  interrupted.throwIfAborted();
  const child = spawn(process.execPath, [MAIN, ...scenarios, "--json", "--seed", String(seed)], {
    env: { ...inherited, BATON_FAULTS_ROOT: root },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  leftovers.add(async () => {
    // It clears up after itself. Not before it has ended does its checkout go.
    child.kill("SIGTERM");
    await ended;
  });
  const [said] = await Promise.all([text(child.stdout), ended]);
  return said.trim() === "" ? { results: [] } : (JSON.parse(said) as Report);
}
