/** Checks: commands of the project that prove or disprove the work. Runs them and keeps what they show; the verdict is computed elsewhere. */
import { type Check, distinctFindings, type Finding, normaliseFinding, storableTail } from "@baton/domain";
import { type TestCounts, TITLE_MAX } from "@baton/formats";
import { proceed, type Step, stopped } from "./assignment.ts";
import { type Attempt, note, runProgram, stillOurs } from "./attempt.ts";
import type { CommandEnd } from "./command.ts";
import { unrunnable } from "./program-end.ts";
import { collectReports } from "./reports/collect.ts";
import type { ReportName } from "./reports/names.ts";
import { openTapReader } from "./reports/tap.ts";
import type { PlannedCheck } from "./stage-plan.ts";

export interface CheckResults {
  checks: Check[];
  findings: Finding[];
  tests: TestCounts | null;
  coverage: number | null;
  /** The newest report of each name, as the checks left it. */
  texts: Map<ReportName, string>;
}

const OUTPUT_MAX = 8_000;
const DEFAULT_TIMEOUT_S = 1_800;

export async function runChecks(attempt: Attempt): Promise<Step<CheckResults>> {
  const all: CheckResults = { checks: [], findings: [], tests: null, coverage: null, texts: new Map() };
  const { plan, project } = attempt.assignment;
  for (const planned of plan.checks(project.settings)) {
    const one = await runCheck(attempt, planned);
    if (!one.ok) return one;
    all.checks.push(...one.value.checks);
    all.findings = distinctFindings([...all.findings, ...one.value.findings]);
    all.tests = one.value.tests ?? all.tests;
    all.coverage = one.value.coverage ?? all.coverage;
    for (const [name, text] of one.value.texts) all.texts.set(name, text);
  }
  return proceed(all);
}

async function runCheck(attempt: Attempt, { name, run }: PlannedCheck): Promise<Step<CheckResults>> {
  const { commands } = attempt.assignment.project.settings;
  const tap = openTapReader();
  note(attempt.surroundings, `check ${name}: ${run}`);
  const end = await runProgram(attempt, {
    run,
    timeout_s: commands[attempt.assignment.lease.stage]?.timeout_s ?? DEFAULT_TIMEOUT_S,
    onLine: ({ stream, text }) => stream === "stdout" && tap.line(text),
  });
  if (end.how === "stopped" || !(await stillOurs(attempt))) return stopped();
  const ended = unrunnable(`the check ${name}`, run, end);
  if (ended !== null) return ended;
  const check: Check = {
    name,
    command: run,
    exit_code: end.exit_code,
    duration_ms: end.duration_ms,
    output: storableTail(end.tail, OUTPUT_MAX),
  };
  return proceed(await withReports(attempt, check, tap.results(attempt.worktree.path), end));
}

/** A report beats the printed results: it is what the tool writes for machines. */
async function withReports(
  attempt: Attempt,
  check: Check,
  printed: { counts: TestCounts; findings: Finding[] } | null,
  end: CommandEnd,
): Promise<CheckResults> {
  const { places, worktree, start, repository } = attempt;
  const read = await collectReports({ out: places.out, index: places.index, worktree, start, git: repository.git });
  const reports = read.ok ? read.value : null;
  if (!read.ok) note(attempt.surroundings, `check ${check.name} left a report that cannot be read: ${read.why}`);
  const found = [...(reports?.findings ?? []), ...(reports?.tests ? [] : (printed?.findings ?? []))];
  const findings = check.exit_code !== 0 && found.length === 0 ? [unexplained(check, end)] : found;
  return {
    checks: [check],
    findings,
    tests: reports?.tests ?? printed?.counts ?? null,
    coverage: reports?.coverage ?? null,
    texts: new Map(reports?.texts),
  };
}

/** What dev gets to see when a check fails and no report says where. */
function unexplained(check: Check, end: CommandEnd): Finding {
  const how =
    end.how === "timed_out" ? "did not end in time" : `ended with exit code ${check.exit_code ?? "none (a signal)"}`;
  const title = check.name === "tests" ? "the tests fail" : `the check ${check.name} fails`;
  const description = `${check.command} ${how}\n\n${check.output}`;
  return normaliseFinding({ title: title.slice(0, TITLE_MAX), severity: "high", description }, "bug");
}
