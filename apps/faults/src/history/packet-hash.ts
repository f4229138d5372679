/** One hash for what a packet says, whether it is the draft an agent hands in or the packet as it is stored: so that one can be held against the other. */
import { createHash } from "node:crypto";
import { cutText, jsonbText, type PacketDraft, SUMMARY_MAX } from "@baton/domain";

/** Of a draft or of a stored packet; anything else that a packet has is the line's own and does not count. */
export type Said = Pick<PacketDraft, "output_summary"> & { [K in keyof Omit<PacketDraft, "output_summary">]?: unknown };

/** What the line itself adds to the metrics of a packet. */
const ADDED_METRICS: ReadonlySet<string> = new Set(["checks", "contract"]);

/** SHA-256 in hex over JSON as Postgres prints it: keys in its order, numbers without an exponent. A long summary counts as far as it is kept. */
export function packetHash(said: Said): string {
  const whole = {
    output_summary: cutText(said.output_summary, SUMMARY_MAX),
    output_artifacts: said.output_artifacts ?? [],
    output_decisions: said.output_decisions ?? [],
    output_metrics: ownMetrics(said.output_metrics ?? {}),
    activity_log: said.activity_log ?? [],
  };
  // Through JSON once: what is no JSON (an undefined field) never gets to the database either.
  return sha256(jsonbText(JSON.parse(JSON.stringify(whole))));
}

export const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function ownMetrics(metrics: unknown): unknown {
  if (typeof metrics !== "object" || metrics === null) return metrics;
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => !ADDED_METRICS.has(name)));
}
