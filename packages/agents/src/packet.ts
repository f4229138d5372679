/** Puts together what an attempt hands on: the agent's words, git's facts, the counts of its checks, within the size a packet may have. */
import { type Extracted, type OutputArtifact, PACKET_MAX_BYTES, PacketDraft } from "@baton/domain";
import { withGitsWord } from "./artifacts.ts";
import type { Attempt } from "./attempt.ts";
import type { CheckResults } from "./checks.ts";
import type { ChangedFile } from "./revisions.ts";
import type { Work } from "./work.ts";

export interface Outcome {
  work: Work;
  /** What is understood of its last words; null where there is a handoff.json, or no agent. */
  extracted: Extracted | null;
  checked: CheckResults;
  files: ChangedFile[];
  commit: string;
  summary: string;
}

const ARTIFACTS_MAX = 2_000;
/** What the line adds to a draft has to fit in as well. */
const ROOM_BYTES = 16 * 1024;
/** Where there is not room for all, the paths beyond this are left out first. */
const FEWER = 0.75;

/** Null when it is too large even without its artifacts. */
export function draftPacket(attempt: Attempt, outcome: Outcome): PacketDraft | null {
  const { handoff } = outcome.work.reports;
  const words = handoff ?? outcome.extracted?.packet;
  const all = withGitsWord(handoff?.output_artifacts ?? [], outcome.files);
  for (let count = Math.min(all.length, ARTIFACTS_MAX); ; count = Math.floor(count * FEWER)) {
    const draft = PacketDraft.parse({
      output_summary: outcome.summary,
      output_artifacts: all.slice(0, count),
      output_decisions: words?.output_decisions ?? [],
      output_metrics: metricsOf(attempt, outcome, all, count),
      activity_log: words?.activity_log ?? [],
    });
    if (Buffer.byteLength(JSON.stringify(draft)) <= PACKET_MAX_BYTES - ROOM_BYTES) return draft;
    if (count === 0) return null;
  }
}

function metricsOf(
  attempt: Attempt,
  outcome: Outcome,
  artifacts: readonly OutputArtifact[],
  kept: number,
): Record<string, unknown> {
  const { work, checked, files, commit } = outcome;
  const tests = checked.tests ?? work.reports.tests;
  const coverage = checked.coverage ?? work.reports.coverage;
  const checks = checked.checks.map(({ name, exit_code, duration_ms }) => ({ name, exit_code, duration_ms }));
  return {
    ...(work.reports.handoff ?? outcome.extracted?.packet)?.output_metrics,
    ...work.metrics,
    ...(tests !== null && { tests }),
    ...(coverage !== null && { coverage }),
    ...(checks.length > 0 && { checks }),
    ...(kept < artifacts.length && { artifacts_left_out: artifacts.length - kept }),
    // A project without a repository has no commit that anybody else could find.
    ...(attempt.assignment.project.repository_url !== null && { commit, base_commit: attempt.start }),
    files_changed: files.length,
    insertions: files.reduce((sum, file) => sum + (file.insertions ?? 0), 0),
    deletions: files.reduce((sum, file) => sum + (file.deletions ?? 0), 0),
  };
}
