/** The ledger as the database writes it: whole, hashed alike on both sides, and any change by hand shows. */
import { createHash } from "node:crypto";
import { jsonbText, type Sha256, verifyLedger } from "@baton/domain";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  advanceStage,
  blockLease,
  cancelTask,
  completeLease,
  failLease,
  ledgerOf,
  releaseLease,
  reopenTask,
} from "./index.ts";
import { type TestLine, testLine } from "./testing/index.ts";
import { complete, leased, packet, sql, submitted, valueOf } from "./testing/verbs.ts";

const sha256: Sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

async function verified(open: TestLine, id: string) {
  const ledger = valueOf(await ledgerOf(open.line, open.admin, { id }));
  // As it leaves the house: through JSON.
  return verifyLedger(JSON.parse(JSON.stringify(ledger)), sha256);
}

/** A task that has seen a rejection, with findings, numbers and characters of every kind. */
async function lived() {
  const open = await testLine();
  const { id } = await submitted(open);
  const output_metrics = { small: 1e-7, large: 1e21, negative: -0.5, ключ: ["\u2028", "\u007f", '"\\', "\n\t\u0001"] };
  const said = { ...packet("ü"), output_metrics };
  const usage = { cost_usd: "0.100000", tokens_in: 3 };
  const { ref } = await leased(open, "dev");
  valueOf(await completeLease(open.line, open.admin, { ...ref, result: "pass", packet: said, findings: [], usage }));
  const findings = [{ title: "hole", severity: "high" as const, file: "a.ts" }, { title: "smell" }];
  valueOf(await complete(open, (await leased(open, "qa")).ref, { findings }));
  valueOf(await complete(open, (await leased(open, "dev")).ref));
  return { open, id };
}

test("the chain of a task holds through everything that may happen to it", async () => {
  const { open, id } = await lived();
  const { line, admin } = open;
  const qa = await leased(open, "qa");
  valueOf(await failLease(line, admin, { ...qa.ref, error: { message: "no", fault: "provider", retry_after_s: 0 } }));
  valueOf(await cancelTask(line, admin, { id, reason: "not wanted" }));
  valueOf(await reopenTask(line, admin, { id }));
  const again = await leased(open, "qa");
  valueOf(await releaseLease(line, admin, again.ref));
  const third = await leased(open, "qa");
  valueOf(await blockLease(line, admin, { ...third.ref, kind: "needs_input", reason: "which?" }));
  expect(await verified(open, id)).toEqual({ ok: true, entries: 15 });
});

test.each([
  ["an event's data", "update events set data = data || '{\"more\": 1}' where seq = 2", 2],
  ["an event's actor", "update events set actor = 'somebody' where seq = 3", 3],
  ["an event's time", "update events set at = at + interval '1 ms' where seq = 1", 1],
  ["an event's hash", "update events set hash = sha256(hash) where seq = 2", 2],
  ["a packet's words", "update handoff_packets set output_summary = 'better' where phase = 'dev' and version = 1", 3],
  ["a packet's cost", "update handoff_packets set cost_usd = 9 where phase = 'dev' and version = 1", 3],
  ["a packet's verdict", "update handoff_packets set status = 'completed' where phase = 'qa'", 5],
  ["a finding", "update findings set severity = 'low' where severity = 'high'", 5],
])("%s that was changed by hand is found", async (_, change, seq) => {
  const { open, id } = await lived();
  expect(await verified(open, id)).toEqual({ ok: true, entries: 7 });
  await sql(open, change);
  expect(await verified(open, id)).toMatchObject({ ok: false, seq });
});

test("an operator's steps hold too", async () => {
  const { open, id } = await lived();
  valueOf(await advanceStage(open.line, open.admin, { id, result: "pass", notes: "seen" }));
  valueOf(await advanceStage(open.line, open.admin, { id, result: "fail", notes: "not yet" }));
  expect(await verified(open, id)).toEqual({ ok: true, entries: 9 });
});

test("rows that were deleted are found", async () => {
  const { open, id } = await lived();
  await sql(open, "delete from findings where severity = 'medium'");
  expect(await verified(open, id)).toMatchObject({ ok: false, seq: 5 });
  await sql(open, "delete from events where seq = 7");
  expect(await verified(open, id)).toMatchObject({ ok: false });
});

test("whatever is stored as JSON reads the same on both sides", async () => {
  const open = await testLine();
  const storable = fc.string({ unit: "binary" }).map((text) => text.toWellFormed().replaceAll("\0", ""));
  const { tree } = fc.letrec((tie) => ({
    leaf: fc.oneof(
      storable,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    ),
    tree: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(storable, tie("tree"), { maxKeys: 5, noNullPrototype: true }),
    ),
  }));
  await fc.assert(
    fc.asyncProperty(tree, async (value) => {
      const text = JSON.stringify(value);
      const rows = await open.line.db.run<{ said: string }>(
        { name: "jsonb_said", text: "select $1::jsonb::text as said" },
        [text],
      );
      expect(jsonbText(JSON.parse(text))).toBe(rows[0]?.said);
    }),
    { numRuns: 500 },
  );
});
