/** The stage's own work: the project's command for it, or the built-in that stands in. Gives back what was left, and commits nothing. */
import { writeFile } from "node:fs/promises";
import { rejects, type Usage } from "@baton/domain";
import { failed, type LeftFile, proceed, type Step, spent, stopped } from "./assignment.ts";
import { type Attempt, note, runProgram, stillOurs } from "./attempt.ts";
import type { BuiltInWork } from "./built-in/work.ts";
import type { CommandEnd } from "./command.ts";
import { takeLeftFiles } from "./left-files.ts";
import { letDown } from "./let-down.ts";
import { tailOf, unfinished } from "./program-end.ts";
import { buildPrompt } from "./prompts/build-prompt.ts";
import { collectReports, type Reports } from "./reports/collect.ts";
import { openSession, type Session } from "./session.ts";
import { withPromptFile } from "./shell.ts";

export interface Work {
  /** Null for a built-in. */
  command: string | null;
  reports: Reports;
  /** What it left in BATON_OUT/artifacts. */
  files: LeftFile[];
  /** What a built-in says of itself, or the last words of a command. */
  said: string;
  metrics: Record<string, unknown>;
  usage: Usage;
  /** Null for a built-in. */
  session: Session | null;
}

export async function doTheWork(attempt: Attempt): Promise<Step<Work>> {
  const { lease, plan, project } = attempt.assignment;
  const command = project.settings.commands[lease.stage];
  if (command !== undefined) return workByCommand(attempt, command);
  const work = await plan.without_command(attempt);
  return work.ok ? proceed(builtIn(work.value)) : work;
}

function builtIn({ summary, findings, metrics }: BuiltInWork): Work {
  return {
    ...{ command: null, said: summary, metrics, usage: {}, session: null, files: [] },
    reports: { names: [], texts: new Map(), handoff: null, findings, tests: null, coverage: null },
  };
}

async function workByCommand(
  attempt: Attempt,
  { run, timeout_s }: { run: string; timeout_s: number },
): Promise<Step<Work>> {
  const { end, session } = await runCommandOf(attempt, run, timeout_s);
  const ended = unfinished(run, timeout_s, end);
  if (ended !== null) return spent(ended, session.usage);
  // A process that was frozen past its lease must not read, and clear away, what the next attempt leaves in the same place.
  if (attempt.surroundings.signal.aborted || !(await stillOurs(attempt))) return stopped();
  const { places, worktree, start, repository } = attempt;
  const left = await takeLeftFiles(places.out);
  const read = await collectReports({ out: places.out, index: places.index, worktree, start, git: repository.git });
  const code = `the command ended with exit code ${end.exit_code}`;
  if (!read.ok) return failed(`${code} and left reports that cannot be read:\n${read.why}`, "task", session.usage);
  const reports = read.value;
  const usage = { ...session.usage, ...reports.handoff?.usage };
  if (!left.ok) return failed(`${code} and left files that cannot be taken:\n${left.why}`, "task", usage);
  if (gaveUp(end, session, reports)) {
    const why = session.told?.error ? `${code}: ${session.told.error}` : `${code}\n${tailOf(end)}`;
    return letDown(attempt.assignment, run, session, end, { why, usage }) ?? failed(why, "task", usage);
  }
  return proceed({
    ...{ command: run, reports, files: left.value, said: session.final_text, usage, session },
    metrics: session.told === null ? {} : { agent: { format: session.told.format, ...session.told.metrics } },
  });
}

async function runCommandOf(attempt: Attempt, run: string, timeout_s: number) {
  const { assignment, surroundings, places } = attempt;
  const prompt = buildPrompt(assignment);
  const command = withPromptFile(run, places.prompt);
  if (command !== run) await writeFile(places.prompt, prompt);
  const session = openSession();
  surroundings.onSession?.(session);
  note(surroundings, `runs ${run}`);
  const input = command === run ? prompt : "";
  const end = await runProgram(attempt, { run: command, timeout_s, input, onWholeLine: session.line });
  return { end, session: session.end(end) };
}

/** A verdict that is written down is a result, whatever the exit code; a handoff is one, whatever the agent's last words. */
function gaveUp(end: CommandEnd, { told }: Session, { handoff, findings }: Reports): boolean {
  if (handoff?.result === "reject" || findings.some(rejects)) return false;
  return end.exit_code !== 0 || (told !== null && told.error !== null && handoff === null);
}
