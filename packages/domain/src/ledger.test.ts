/** The ledger checks itself: every change of a past row shows, and where. */
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";
import {
  eventHash,
  findingsHash,
  type Ledger,
  type LedgerEntry,
  packetHash,
  type Sha256,
  verifyLedger,
} from "./ledger.ts";

/** Stands in for SHA-256, which the caller brings: as long, and as different for different bytes. */
const sha256: Sha256 = (bytes) => ["a", "b", "c", "d"].map((salt) => fingerprint([salt, bytes.join()])).join("");

const TASK = "0199a000-0000-7000-8000-000000000001";
const PACKET = { id: "p1", phase: "dev", version: 1, output_summary: "done", output_metrics: { tests: 1e-7 } };
const FINDING = { id: "f1", packet_id: "p1", title: "a bug", severity: "low" };
const ARTIFACT = { id: "a1", checksum: "ab".repeat(32) };

function entry(seq: number, type: string, prev_hash: string, data: Record<string, unknown> = {}): LedgerEntry {
  const edge = { from_stage: "dev", from_state: "running", to_stage: "qa", to_state: "pending", charged: "nothing" };
  const count = { visit: 1, attempt: 1, epoch: 1, actor: "agent", at: "2026-11-21T04:05:06.789Z" };
  const made = { seq, type, ...edge, ...count, data, prev_hash, hash: "" };
  return { ...made, hash: eventHash(TASK, made, sha256) };
}

function ledger(): Ledger {
  const submitted = entry(1, "submitted", "", { "long key": 1, b: "ü\n" });
  const claimed = entry(2, "claimed", submitted.hash);
  const passed = entry(3, "passed", claimed.hash, {
    packet: { id: "p1", sha256: packetHash(PACKET, sha256) },
    findings_sha256: findingsHash([FINDING], sha256),
    transfers: [{ artifact_id: "a1", transfer_checksum: ARTIFACT.checksum }],
  });
  const head = passed.hash;
  const made = { task_id: TASK, head, entries: [submitted, claimed, passed], packets: [PACKET] };
  return structuredClone({ ...made, findings: [FINDING], artifacts: [ARTIFACT] });
}

/** The ledger after `change`. */
function changed(change: (ledger: Ledger) => void) {
  const copy = ledger();
  change(copy);
  return verifyLedger(copy, sha256);
}

const at = (copy: Ledger, i: number) => copy.entries[i] as LedgerEntry;

test("a ledger that nobody touched holds", () => {
  expect(verifyLedger(ledger(), sha256)).toEqual({ ok: true, entries: 3 });
});

test.each<[string, (entry: LedgerEntry) => void]>([
  ["actor", (one) => (one.actor = "somebody else")],
  ["state", (one) => (one.to_state = "completed")],
  ["time", (one) => (one.at = "2026-11-21T04:05:06.790Z")],
  ["data", (one) => (one.data = { more: true })],
  ["epoch", (one) => (one.epoch += 1)],
])("a changed %s of a past entry is found, with its number", (_, change) => {
  expect(changed((copy) => change(at(copy, 1)))).toMatchObject({ ok: false, seq: 2 });
});

test("an entry that was changed together with its hash is found in the one after", () => {
  const result = changed((copy) => {
    const forged = { ...at(copy, 1), actor: "somebody else" };
    copy.entries[1] = { ...forged, hash: eventHash(TASK, forged, sha256) };
  });
  expect(result).toMatchObject({ ok: false, seq: 3, problem: expect.stringContaining("entry before") as string });
});

test("an entry that was taken out, put elsewhere or taken from the end is found", () => {
  expect(changed((copy) => copy.entries.splice(1, 1))).toMatchObject({ ok: false, seq: 2 });
  expect(changed((copy) => copy.entries.reverse())).toMatchObject({ ok: false, seq: 1 });
  expect(changed((copy) => copy.entries.pop())).toMatchObject({ ok: false, seq: null });
  expect(changed((copy) => copy.entries.splice(0))).toMatchObject({ ok: false, seq: null });
});

test("the ledger of another task does not pass for this one's", () => {
  expect(changed((copy) => (copy.task_id = TASK.replace("1", "2")))).toMatchObject({ ok: false, seq: 1 });
});

test.each<[string, (copy: Ledger) => void]>([
  ["a changed packet", (copy) => Object.assign(copy.packets[0] ?? {}, { output_summary: "better" })],
  ["a missing packet", (copy) => copy.packets.pop()],
  ["a changed finding", (copy) => Object.assign(copy.findings[0] ?? {}, { severity: "info" })],
  ["a missing finding", (copy) => copy.findings.pop()],
  ["a changed artifact", (copy) => Object.assign(copy.artifacts[0] ?? {}, { checksum: "cd".repeat(32) })],
  ["a missing artifact", (copy) => copy.artifacts.pop()],
])("%s is found at the entry that vouches for it", (_, change) => {
  expect(changed(change)).toMatchObject({ ok: false, seq: 3 });
});

test("a packet that no entry names is found", () => {
  expect(changed((copy) => copy.packets.push({ id: "p2" }))).toMatchObject({ ok: false, seq: null });
});
