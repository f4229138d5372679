/** Runs scenarios out of a copy of the checkout with the harness of this one, and says what they noticed. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { default_root, inherited } from "../cluster/env.ts";
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

export async function hunt(bug: Bug, seed: number): Promise<Found> {
  const begun = performance.now();
  const copy = copyTree(default_root, bug);
  let problem = "";
  try {
    for (let tries = 0; tries < TRIES; tries += 1) {
      const [result] = (await reportOf(copy.root, [bug.scenario], seed + tries)).results;
      const told = result?.violations.filter(({ invariant }) => bug.breaks.includes(invariant)) ?? [];
      const [first] = told;
      const seconds = (performance.now() - begun) / 1_000;
      if (first !== undefined) {
        const all = [...new Set(told.map(({ invariant }) => invariant))].join(", ");
        return { bug: bug.name, caught_by: `${bug.scenario}: ${all} (${told.length})`, problem: null, seconds };
      }
      problem = `${bug.scenario} ${result?.verdict ?? "did not run"} ${result?.violations[0]?.detail.slice(0, 300) ?? ""}`;
    }
  } finally {
    copy.remove();
  }
  return { bug: bug.name, caught_by: null, problem, seconds: (performance.now() - begun) / 1_000 };
}

/** Without a bug nothing may be told. */
export async function healthy(scenarios: readonly string[], seed: number): Promise<Found> {
  const begun = performance.now();
  const copy = copyTree(default_root, null);
  try {
    const { results } = await reportOf(copy.root, scenarios, seed);
    const wrong = results.filter(({ verdict }) => verdict !== "passed");
    const told = wrong.map(({ scenario, verdict, violations, folder }) => {
      const [first] = violations;
      return `${scenario} ${verdict} ${first ? `${first.invariant}: ${first.detail.slice(0, 300)}` : ""} ${folder}`;
    });
    const complete = results.length === scenarios.length;
    const problem = complete && wrong.length === 0 ? null : told.join("; ") || "not all of them ran";
    return { bug: "none", caught_by: null, problem, seconds: (performance.now() - begun) / 1_000 };
  } finally {
    copy.remove();
  }
}

async function reportOf(root: string, scenarios: readonly string[], seed: number): Promise<Pick<Report, "results">> {
  const child = spawn(process.execPath, [MAIN, ...scenarios, "--json", "--seed", String(seed)], {
    env: { ...inherited, BATON_FAULTS_ROOT: root },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return said.trim() === "" ? { results: [] } : (JSON.parse(said) as Report);
}
