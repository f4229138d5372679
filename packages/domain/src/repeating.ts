/** Loop-backs converge or stop: whether a rejection says what the one before said, while dev has changed nothing in between. */
import { diffPackets, type PreviousPacket } from "./enrich.ts";
import { type Finding, SEVERITIES } from "./findings.ts";

/** What dev left, as far as a change shows in it. */
export interface DevWork extends Pick<PreviousPacket, "output_summary" | "output_artifacts" | "output_decisions"> {
  output_metrics: Record<string, unknown>;
  /** The artifacts that were put, by name: their checksums. */
  checksums: ReadonlyMap<string, string>;
}

export interface Rejections {
  /** Of this rejection and of the one before, by the same stage. */
  findings: readonly Finding[];
  findings_before: readonly Pick<Finding, "fingerprint" | "status">[];
  /** What dev left before the first of the two, and after it. */
  dev_before: DevWork;
  dev_after: DevWork;
}

/** The worst finding that repeats; null when the loop may go on. */
export function repeatedFinding(all: Rejections): Finding | null {
  if (changed(all.dev_before, all.dev_after)) return null;
  const before = new Set(all.findings_before.filter(isOpen).map((finding) => finding.fingerprint));
  const again = all.findings.filter((finding) => isOpen(finding) && before.has(finding.fingerprint));
  return again.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity))[0] ?? null;
}

/** The commit decides where both name one: what it holds is all that dev has changed. Else the lists of files do. */
function changed(before: DevWork, after: DevWork): boolean {
  const commits = [before.output_metrics.commit, after.output_metrics.commit];
  if (commits.every((commit) => typeof commit === "string")) return commits[0] !== commits[1];
  const { artifacts_added, artifacts_removed, artifacts_changed } = diffPackets(before, after);
  return (
    artifacts_added.length + artifacts_removed.length + artifacts_changed.length > 0 ||
    !sameChecksums(before.checksums, after.checksums)
  );
}

function sameChecksums(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, checksum]) => b.get(name) === checksum);
}

function isOpen({ status }: { status: string }): boolean {
  return status === "open";
}
