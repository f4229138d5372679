/** The hash of a draft is the hash of what Postgres stores of it, and of nothing else. */
import { openDatabase } from "@baton/db";
import { freshDatabase } from "@baton/db/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { packetHash, type Said } from "./packet-hash.ts";

let db: ReturnType<typeof openDatabase>;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await freshDatabase();
  drop = fresh.drop;
  db = openDatabase(fresh.url);
});
afterAll(async () => {
  await db.close();
  await drop();
});

const STORE = { name: "stored", text: "select $1::jsonb as stored" };

async function stored(said: Said): Promise<Said> {
  const [row] = await db.run<{ stored: Said }>(STORE, [JSON.stringify(said)]);
  if (row === undefined) throw new Error("nothing came back");
  return row.stored;
}

const kept = (text: string) => text.isWellFormed() && !text.includes("\0");
const word = fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).filter(kept);
const metrics = fc.dictionary(
  word.filter((key) => key !== "__proto__" && !["checks", "contract"].includes(key)),
  fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer(), word, fc.array(fc.boolean())),
);
const said: fc.Arbitrary<Said> = fc.record(
  {
    output_summary: word,
    output_decisions: fc.array(fc.record({ decision: word, rationale: word })),
    output_metrics: metrics,
    activity_log: fc.array(fc.record({ timestamp: fc.constant("2026-01-01T00:00:00+02:00"), event: word })),
  },
  { requiredKeys: ["output_summary"] },
);

describe("the hash of a packet", () => {
  test("is that of its draft", async () => {
    await fc.assert(
      fc.asyncProperty(said, async (draft) => {
        expect(packetHash(await stored(draft))).toBe(packetHash(draft));
      }),
      { numRuns: 100 },
    );
  });

  test("changes with each thing that the packet says", () => {
    const base: Said = { output_summary: "done", output_metrics: { lines: 3 } };
    const others: Said[] = [
      { ...base, output_summary: "done!" },
      { ...base, output_metrics: { lines: 4 } },
      { ...base, output_decisions: [{ decision: "a", rationale: "b" }] },
      { ...base, output_artifacts: [{ type: "file", path: "a", action: "created" }] },
      { ...base, activity_log: [{ timestamp: "2026-01-01T00:00:00Z", event: "e" }] },
    ];
    expect(new Set([base, ...others].map(packetHash)).size).toBe(6);
  });

  test("does not change with what the line adds, nor with what it cuts off", () => {
    const base: Said = { output_summary: "x".repeat(10_000), output_metrics: { lines: 3 } };
    const added = { lines: 3, checks: [{ name: "test" }], contract: { version: 1, warnings: [] } };
    expect(packetHash({ ...base, output_metrics: added })).toBe(packetHash(base));
    expect(packetHash({ ...base, output_summary: "x".repeat(20_000) })).toBe(packetHash(base));
  });
});
