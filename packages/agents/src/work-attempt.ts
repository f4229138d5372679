/** workAttempt: how a hosted worker does a stage's work, from a claimed task to what the server is told. Completing the lease and moving the branch come after. */
import { changesAsText, distinctFindings, type Extracted, extractPacket, type Finding } from "@baton/domain";
import {
  type Assignment,
  type AttemptResult,
  type Done,
  failed,
  proceed,
  type Step,
  type Surroundings,
  spent,
  stopped,
} from "./assignment.ts";
import { type Attempt, closeAttempt, openAttempt, stillOurs } from "./attempt.ts";
import { backToStart } from "./back-to-start.ts";
import { summariseTests } from "./built-in/qa.ts";
import { type CheckResults, runChecks } from "./checks.ts";
import { commitMessage, commitSnapshot, keepCommit, repositoryInside, takeSnapshot } from "./commit.ts";
import { giveFiles } from "./left-files.ts";
import { draftPacket } from "./packet.ts";
import { leaveProofs } from "./proofs/leave.ts";
import { type ChangedFile, changedFiles } from "./revisions.ts";
import { doTheWork, type Work } from "./work.ts";

/** More findings than anybody reads in one packet; those that reject come first. */
const FINDINGS_MAX = 500;

export async function workAttempt(assignment: Assignment, surroundings: Surroundings): Promise<AttemptResult> {
  try {
    const attempt = await openAttempt(assignment, surroundings);
    return attempt.ok ? await carryOut(attempt.value) : attempt.ended;
  } catch (error) {
    if (surroundings.signal.aborted) return { outcome: "stopped" };
    throw error;
  }
}

async function carryOut(attempt: Attempt): Promise<AttemptResult> {
  try {
    const done = await allSteps(attempt);
    if (attempt.surroundings.signal.aborted || !(await stillOurs(attempt))) return { outcome: "stopped" };
    return done.ok ? done.value : done.ended;
  } finally {
    await closeAttempt(attempt);
  }
}

async function allSteps(attempt: Attempt): Promise<Step<Done>> {
  const work = await doTheWork(attempt);
  return work.ok ? spent(await handOn(attempt, work.value), work.value.usage) : work;
}

async function handOn(attempt: Attempt, work: Work): Promise<Step<Done>> {
  const commit = await commitWork(attempt, work);
  if (!commit.ok) return commit;
  const restored = isEdited(attempt, work) ? await backToStart(attempt) : proceed(null);
  if (!restored.ok) return restored;
  const checked = await runChecks(attempt);
  if (!checked.ok) return checked;
  const done = await report(attempt, work, checked.value, commit.value);
  if (!done.ok) return done;
  const given = await giveFiles(attempt, work.files);
  return given.ok ? done : given;
}

function isLookingOnly({ assignment: { lease } }: Attempt): boolean {
  return lease.stage === "qa" || lease.stage === "sec";
}

/**
 * Whether the files may differ from the commit that moves on, which the checks are to judge. Without a repository there is
 * none, and the agent's folder is all there is to check.
 */
function isEdited(attempt: Attempt, { command }: Work): boolean {
  const { plan, project } = attempt.assignment;
  const judged = project.repository_url !== null && plan.checks(project.settings).length > 0;
  return judged && isLookingOnly(attempt) && command !== null;
}

/** The commit that the attempt stands for: what a stage that commits has left, what the others looked at. */
async function commitWork(attempt: Attempt, work: Work): Promise<Step<string>> {
  const { assignment, repository, worktree, places, start, surroundings } = attempt;
  // The worktree may be another attempt's by now.
  if (surroundings.signal.aborted || !(await stillOurs(attempt))) return stopped();
  const looksOnly = isLookingOnly(attempt);
  const printed = assignment.plan.printed_counts === true && work.said.trim() !== "";
  const leftWord = work.command === null || work.reports.names.length > 0 || work.files.length > 0 || printed;
  if (looksOnly && leftWord) return proceed(start);
  const snapshot = await takeSnapshot(repository.git, worktree, places, start);
  if (!snapshot.ok) return snapshot;
  if (!leftWord && !snapshot.value.changed) {
    return failed(
      "the command ended with exit code 0 and left nothing: no handoff.json, no report, no file, no change",
    );
  }
  if (looksOnly) return proceed(start);
  const inside = await repositoryInside(repository.git, snapshot.value, start);
  if (inside !== null)
    return failed(`${inside} is a repository of its own, so its files cannot be committed: remove its .git`);
  const message = commitMessage(assignment, work.reports.handoff?.output_summary ?? work.said);
  const commit = await commitSnapshot(repository.git, snapshot.value, start, message);
  return keepCommit(repository, assignment, commit, surroundings);
}

async function report(attempt: Attempt, work: Work, checked: CheckResults, commit: string): Promise<Step<Done>> {
  const files = await changedFiles(attempt.repository, attempt.start, commit);
  const extracted = extractionOf(work, files);
  const summary = summaryOf(work, extracted, checked, files);
  const packet = draftPacket(attempt, { work, extracted, checked, files, commit, summary });
  if (packet === null)
    return failed("handoff.json makes a packet larger than 256 KB: keep activity_log and output_metrics shorter");
  return proceed({
    outcome: "done",
    claimed: work.reports.handoff?.result ?? null,
    packet,
    findings: weightiest([...work.reports.findings, ...checked.findings]),
    checks: checked.checks,
    usage: work.usage,
    commit,
    proofs: await leaveProofs(attempt, { work, checked, files, commit, said: packet.output_summary }),
  });
}

/** What an agent that left no handoff.json is understood to hand on. */
function extractionOf({ reports, session }: Work, files: readonly ChangedFile[]): Extracted | null {
  return reports.handoff !== null || session === null ? null : extractPacket({ ...session, files });
}

/** The agent's own words; else the last thing it said or printed; else what was done, in plain words. */
function summaryOf(
  work: Work,
  extracted: Extracted | null,
  checked: CheckResults,
  files: readonly ChangedFile[],
): string {
  const said = work.reports.handoff?.output_summary ?? work.said;
  if (said.trim() !== "") return extracted?.packet.output_summary ?? said;
  if (checked.checks.length > 0) return summariseTests(checked);
  if (files.length === 0) return "Left reports and said nothing.";
  return extracted?.packet.output_summary ?? changesAsText(files);
}

function weightiest(findings: readonly Finding[]): Finding[] {
  const weight = (finding: Finding) => (finding.status === "open" ? finding.priority : 0);
  return distinctFindings(findings)
    .toSorted((a, b) => weight(b) - weight(a))
    .slice(0, FINDINGS_MAX);
}
