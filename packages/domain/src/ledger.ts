/**
 * The ledger of a task: its events as a chain of hashes, and what they vouch for. Checks a whole ledger without a server
 * and names the first broken link. The database makes the hashes (`event_hash` in `drizzle/`); the same rule is here.
 */
import { jsonbText } from "./jsonb.ts";

export const LEDGER_FORMAT = "baton-ledger/1";

/** SHA-256 in lower-case hex, brought by the caller. */
export type Sha256 = (bytes: Uint8Array) => string;

export interface LedgerEntry {
  seq: number;
  type: string;
  from_stage: string;
  from_state: string;
  to_stage: string;
  to_state: string;
  charged: string;
  visit: number;
  attempt: number;
  epoch: number;
  actor: string;
  /** ISO 8601 in UTC with milliseconds. */
  at: string;
  data: Record<string, unknown>;
  /** Of the entry before; empty for the first. */
  prev_hash: string;
  hash: string;
}

type Fields = Record<string, unknown>;

/** The chain with everything its hashes vouch for. */
export interface Ledger {
  task_id: string;
  /** The newest hash, as the task itself carries it. */
  head: string;
  entries: LedgerEntry[];
  packets: (Fields & { id: string })[];
  findings: (Fields & { id: string; packet_id: string })[];
  /** The manifest: what was handed on, under which checksum. */
  artifacts: (Fields & { id: string; checksum: string })[];
}

/** `seq` of the first entry that does not hold, null when it is not one entry's fault. */
export type Verified = { ok: true; entries: number } | { ok: false; seq: number | null; problem: string };

/** Of a packet, what its hash covers: all it says, none of the times that the database gave it. */
const PACKET_FIELDS = [
  ...["id", "phase", "version", "status", "agent_id", "agent_type", "agent_name"],
  ...["cost_tokens_in", "cost_tokens_out", "cost_usd", "input_source_phase", "input_source_packet_id", "input_context"],
  ...["output_summary", "output_artifacts", "output_decisions", "output_metrics"],
  ...["previous_version_id", "rejection_reason", "diff_from_previous", "activity_log"],
];

const FINDING_FIELDS = [
  ...["id", "fingerprint", "kind", "title", "description", "severity", "priority", "status", "file", "line"],
];

export function eventHash(task_id: string, entry: LedgerEntry, sha256: Sha256): string {
  const { seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data } = entry;
  const edge = [from_stage, from_state, to_stage, to_state];
  const said = [task_id, seq, type, ...edge, charged, visit, attempt, epoch, actor, Date.parse(entry.at), data];
  return sha256(joined(bytesOf(entry.prev_hash), utf8.encode(jsonbText(said))));
}

export function packetHash(packet: Fields, sha256: Sha256): string {
  return sha256(utf8.encode(jsonbText(only(packet, PACKET_FIELDS))));
}

export function findingsHash(findings: readonly Fields[], sha256: Sha256): string {
  return sha256(utf8.encode(jsonbText(findings.map((finding) => only(finding, FINDING_FIELDS)))));
}

export function verifyLedger(ledger: Ledger, sha256: Sha256): Verified {
  let before = "";
  for (const [i, entry] of ledger.entries.entries()) {
    const problem = brokenLink(ledger, entry, i + 1, before, sha256) ?? brokenWord(ledger, entry, sha256);
    if (problem !== null) return { ok: false, seq: i + 1, problem };
    before = entry.hash;
  }
  if (ledger.entries.length === 0) return { ok: false, seq: null, problem: "the ledger has no entries" };
  if (before !== ledger.head) return { ok: false, seq: null, problem: "the chain does not end in the task's own hash" };
  const stray = unvouched(ledger);
  return stray === null ? { ok: true, entries: ledger.entries.length } : { ok: false, seq: null, problem: stray };
}

function brokenLink(ledger: Ledger, entry: LedgerEntry, seq: number, before: string, sha256: Sha256): string | null {
  if (entry.seq !== seq) return `entry ${seq} is missing: the number ${entry.seq} stands in its place`;
  if (entry.prev_hash !== before) return "it does not carry the hash of the entry before";
  return eventHash(ledger.task_id, entry, sha256) === entry.hash ? null : "its hash does not fit what it says";
}

/** What the entry vouches for. Entries of before the ledger name none of it. */
function brokenWord(ledger: Ledger, { data }: LedgerEntry, sha256: Sha256): string | null {
  const named = data.packet as { id: string; sha256: string } | undefined;
  if (named === undefined) return null;
  const packet = ledger.packets.find(({ id }) => id === named.id);
  if (packet === undefined) return `packet ${named.id} is missing`;
  if (packetHash(packet, sha256) !== named.sha256) return `packet ${named.id} was changed`;
  const findings = ledger.findings
    .filter(({ packet_id }) => packet_id === named.id)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1));
  if (typeof data.findings_sha256 === "string" && findingsHash(findings, sha256) !== data.findings_sha256) {
    return `the findings of packet ${named.id} were changed`;
  }
  return brokenTransfer(ledger, data.transfers);
}

function brokenTransfer({ artifacts }: Ledger, transfers: unknown): string | null {
  if (!Array.isArray(transfers)) return null;
  for (const { artifact_id, transfer_checksum } of transfers as { artifact_id: string; transfer_checksum: string }[]) {
    const artifact = artifacts.find(({ id }) => id === artifact_id);
    if (artifact === undefined) return `artifact ${artifact_id} is missing`;
    if (artifact.checksum !== transfer_checksum) return `artifact ${artifact_id} was changed`;
  }
  return null;
}

/** A packet that no entry names was slipped in, unless the log began before entries named packets. */
function unvouched({ entries, packets }: Ledger): string | null {
  const verdicts = entries.filter(({ type }) => type === "passed" || type === "rejected");
  if (verdicts.some(({ data }) => data.packet === undefined)) return null;
  const named = new Set(entries.map(({ data }) => (data.packet as { id: string } | undefined)?.id));
  const stray = packets.find(({ id }) => !named.has(id));
  return stray === undefined ? null : `packet ${stray.id} is named by no entry`;
}

const utf8 = new TextEncoder();

function only(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
