/** Joins the files and decisions of many packets: one entry per path and per decision, the newest wins, and never more than a packet holds. */
import type { OutputArtifact, OutputDecision } from "./packet.ts";

export interface Joined {
  artifacts: OutputArtifact[];
  decisions: OutputDecision[];
  /** How many entries were seen and did not fit. */
  left_off: number;
}

interface Outputs {
  output_artifacts: readonly OutputArtifact[];
  output_decisions: readonly OutputDecision[];
}

const ARTIFACTS_MAX = 2_000;
const ARTIFACTS_BYTES = 96 * 1024;
const DECISIONS_MAX = 200;
const DECISIONS_BYTES = 64 * 1024;

/** What has been joined so far. */
export interface Joining {
  artifacts: Map<string, OutputArtifact>;
  decisions: Map<string, OutputDecision>;
}

/** Far more than a packet holds: what comes after it is not even counted. */
const SEEN_MAX = 10_000;

/** Packets come newest first, in as many portions as it takes. */
export function join(to: Joining, packets: readonly Outputs[]): void {
  for (const packet of packets) {
    // Within a packet the last entry is the newest.
    for (const one of packet.output_artifacts.toReversed()) keep(to.artifacts, one.path, one);
    for (const one of packet.output_decisions.toReversed()) keep(to.decisions, one.decision, one);
  }
}

function keep<T>(kept: Map<string, T>, key: string, entry: T): void {
  if (!kept.has(key) && kept.size < SEEN_MAX) kept.set(key, entry);
}

export function joined({ artifacts, decisions }: Joining): Joined {
  const kept = {
    artifacts: within([...artifacts.values()], ARTIFACTS_MAX, ARTIFACTS_BYTES),
    decisions: within([...decisions.values()], DECISIONS_MAX, DECISIONS_BYTES),
  };
  const left_off = artifacts.size + decisions.size - kept.artifacts.length - kept.decisions.length;
  return { ...kept, left_off };
}

const utf8 = new TextEncoder();

/** As many of the first entries as fit, by number and by size as JSON. */
export function within<T>(entries: readonly T[], most: number, bytes: number): T[] {
  let size = 0;
  const fits = (entry: T) => {
    size += utf8.encode(JSON.stringify(entry)).length + 1;
    return size <= bytes;
  };
  const end = entries.slice(0, most).findIndex((entry) => !fits(entry));
  return entries.slice(0, end === -1 ? most : end);
}
