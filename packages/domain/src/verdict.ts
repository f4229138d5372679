/** The verdict of a stage, computed from what the attempt left. What the agent says can make it worse, never better. */
import type { Finding, Severity } from "./findings.ts";

export type Verdict = "pass" | "reject";

/** A command that was run to check the work, e.g. the project's tests. `exit_code` is null when it was ended by a signal or a time-out. */
export interface Check {
  name: string;
  command: string;
  exit_code: number | null;
  duration_ms: number;
  /** The end of its output. */
  output: string;
}

export interface Evidence {
  /** What the agent claims; null when it claims nothing. */
  claimed: Verdict | null;
  /** Why it rejects, in its own words. */
  reason?: string | undefined;
  findings: readonly Finding[];
  checks: readonly Check[];
}

const REJECTING: readonly Severity[] = ["critical", "high"];

/** Medium and low findings are recorded and pass; an open bug, an open critical or high finding or a failed check rejects. */
export function computeVerdict(evidence: Evidence): { verdict: Verdict; reasons: string[] } {
  const reasons = [
    ...evidence.checks.filter((check) => check.exit_code !== 0).map(checkReason),
    ...evidence.findings.filter(rejects).map((finding) => `open ${finding.severity} ${finding.kind}: ${finding.title}`),
    ...(evidence.claimed === "reject" ? [evidence.reason ?? "the agent rejected it"] : []),
  ];
  return { verdict: reasons.length === 0 ? "pass" : "reject", reasons };
}

export function rejects(finding: Finding): boolean {
  return finding.status === "open" && (finding.kind === "bug" || REJECTING.includes(finding.severity));
}

function checkReason(check: Check): string {
  const end = check.exit_code === null ? "did not finish" : `ended with exit code ${check.exit_code}`;
  return `check ${check.name} (${check.command}) ${end}`;
}
