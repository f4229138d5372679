/** `baton verify` as a program: what it says and how it ends. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventHash, LEDGER_FORMAT, type LedgerEntry } from "@baton/domain";
import { expect, onTestFinished, test } from "vitest";

const TASK = "0199a000-0000-7000-8000-000000000001";
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

function ledger() {
  const edge = { from_stage: "none", from_state: "new", to_stage: "dev", to_state: "pending", charged: "nothing" };
  const count = { visit: 1, attempt: 0, epoch: 0, actor: "a producer", at: "2026-11-21T04:05:06.789Z" };
  const bare: LedgerEntry = { seq: 1, type: "submitted", ...edge, ...count, data: {}, prev_hash: "", hash: "" };
  const entry = { ...bare, hash: eventHash(TASK, bare, sha256) };
  const rest = { packets: [], findings: [], artifacts: [] };
  return { format: LEDGER_FORMAT, task_id: TASK, head: entry.hash, entries: [entry], ...rest };
}

async function baton(content: string, ...more: string[]) {
  const folder = await mkdtemp(join(tmpdir(), "baton-verify-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "ledger.json");
  await writeFile(file, content);
  const main = join(import.meta.dirname, "main.ts");
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [main, "verify", ...(more.length > 0 ? more : [file])], { env: {} }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

test("a ledger that holds ends with 0 and says how long it is", async () => {
  expect(await baton(JSON.stringify(ledger()))).toEqual({
    code: 0,
    out: `task ${TASK}: all 1 entries hold\n`,
    err: "",
  });
});

test("one changed byte ends with 1 and names the first broken link", async () => {
  const content = JSON.stringify(ledger()).replace("a producer", "b producer");
  expect(await baton(content)).toEqual({
    code: 1,
    out: `task ${TASK}: broken at entry 1: its hash does not fit what it says\n`,
    err: "",
  });
});

test("the ledgers of a run are each told", async () => {
  const content = JSON.stringify({ format: "baton-ledgers/1", ledgers: [ledger(), { ...ledger(), entries: [] }] });
  const { code, out } = await baton(content);
  expect(code).toBe(1);
  expect(out.split("\n")).toEqual([expect.stringContaining("hold"), expect.stringContaining("no entries"), ""]);
});

test.each([
  ["what is not JSON", "{", 65],
  ["what is not a ledger", '{"format": "baton-ledger/1"}', 65],
])("%s is refused in one line", async (_, content, code) => {
  const said = await baton(content);
  expect(said).toMatchObject({ code, out: "" });
  expect(said.err).toMatch(/^baton: .*\n$/);
});

test("a file that is not there is said so", async () => {
  expect(await baton("", "/nowhere/at/all")).toEqual({
    code: 66,
    out: "",
    err: "baton: /nowhere/at/all cannot be read (ENOENT)\n",
  });
});
