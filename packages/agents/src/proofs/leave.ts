/** The line's own evidence of an attempt: which stage leaves which. Gathering it never costs the attempt anything but itself. */
import { asSummary, type LeftProof, type Stage } from "@baton/domain";
import { type Attempt, note } from "../attempt.ts";
import type { CheckResults } from "../checks.ts";
import type { ChangedFile } from "../revisions.ts";
import type { Work } from "../work.ts";
import { diffOf } from "./diff.ts";
import { scanReport } from "./scan-report.ts";
import { testReport } from "./test-report.ts";

export interface Evidence {
  work: Work;
  checked: CheckResults;
  files: readonly ChangedFile[];
  commit: string;
  /** What the attempt says of itself. */
  said: string;
}

const LEAVES: Record<Stage, (attempt: Attempt, evidence: Evidence) => Promise<LeftProof | null> | LeftProof | null> = {
  dev: diffOf,
  qa: (_, evidence) => testReport(evidence),
  sec: (_, evidence) => scanReport(evidence),
  docs: () => null,
};

export async function leaveProofs(attempt: Attempt, evidence: Evidence): Promise<LeftProof[]> {
  const { stage } = attempt.assignment.lease;
  try {
    const proof = await LEAVES[stage](attempt, evidence);
    return proof === null ? [] : [{ ...proof, summary: asSummary(proof.summary, proof.name) }];
  } catch (error) {
    if (attempt.surroundings.signal.aborted) throw error;
    note(
      attempt.surroundings,
      `the proof of ${stage} could not be made: ${error instanceof Error ? error.name : "unknown"}`,
    );
    return [];
  }
}
