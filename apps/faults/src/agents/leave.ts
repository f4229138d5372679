/** What a scripted attempt leaves: a packet of the size it should have, with contents that no other attempt's has; findings, costs and files likewise. */
import { createHash } from "node:crypto";
import type { PacketDraft } from "@baton/domain";
import type { Besides } from "../history/entry.ts";
import type { Script } from "./script.ts";

/** Under what one field may hold. */
const PIECE = 4_800;

export function draftOf({ packet_bytes, end }: Script, lease: { lease_id: string; epoch: number }): PacketDraft {
  const text = textOf(lease.lease_id, packet_bytes);
  const pieces = Array.from({ length: Math.ceil(text.length / PIECE) }, (_, i) =>
    text.slice(i * PIECE, (i + 1) * PIECE),
  );
  return {
    output_summary: `scripted: ${end} – ünïcödé 😀 "quoted" \\ of ${lease.lease_id}`,
    output_artifacts: [{ type: "file", path: `src/${lease.lease_id}.ts`, action: "modified" }],
    output_decisions: pieces.map((rationale, i) => ({ decision: `piece ${i}`, rationale })),
    output_metrics: { lease: lease.lease_id, epoch: lease.epoch, bytes: packet_bytes, ratio: 1 / 3, tiny: 1e-9 },
    activity_log: [{ timestamp: "2026-01-01T00:00:00.000Z", event: "worked", detail: { bytes: packet_bytes } }],
  };
}

/** Findings that make no verdict by themselves, of a rejection more than of a pass, and costs to be told from those of any other attempt. */
export function besidesOf({ end, checkpoint }: Script, lease_id: string): Besides {
  // Two whose titles differ in nothing but numbers and ids would be one.
  const kinds = end === "reject" ? ["the one", "the other"] : checkpoint ? ["some"] : [];
  const bytes = createHash("sha256").update(lease_id).digest();
  return {
    findings: kinds.map((kind) => `scripted: ${kind} „finding“ of ${lease_id}`),
    usage: {
      ...{ tokens_in: bytes.readUInt32BE(0), tokens_out: bytes.readUInt16BE(4) },
      cost_usd: `0.${String(bytes.readUInt32BE(6) % 1_000_000).padStart(6, "0")}`,
    },
  };
}

/** As an agent tells them. */
export const findingsOf = ({ findings }: Besides) =>
  findings.map((title, line) => ({ title, severity: "low" as const, file: "src/a.ts", line: line + 1 }));

/** Each attempt fails with words of its own: the same words on five tasks in a row would pause the stage, and ids do not tell two of them apart. */
export function failureOf(lease_id: string): string {
  return `scripted: ${lease_id.replaceAll(/[0-9a-f]/g, (digit) => "ghijklmnopqrstuv"[Number.parseInt(digit, 16)] ?? "")}`;
}

export function fileOf(lease_id: string, bytes: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("shake256", { outputLength: bytes }).update(lease_id).digest());
}

function textOf(source: string, length: number): string {
  const bytes = Math.ceil((length * 3) / 4);
  return createHash("shake256", { outputLength: bytes }).update(source).digest("base64").slice(0, length);
}
