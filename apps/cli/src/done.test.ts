/** `baton done` without a server: where it leaves its word, and what it refuses. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Complaint } from "./complaint.ts";
import { type DoneOptions, done } from "./done.ts";
import { EXIT } from "./exit-codes.ts";
import { testFolder } from "./testing/processes.ts";

const TASK = "0198c0de-0000-7000-8000-000000000001";
const LEASE = "0198c0de-0000-7000-8000-000000000002";

/** A data folder in which an attempt is under way, as `baton work` and hosted workers lay it out. */
function underWay() {
  const data = testFolder();
  const [worktree, out] = [join(data, "worktrees", TASK), join(data, "attempts", LEASE, "out")];
  mkdirSync(join(worktree, "src/deep"), { recursive: true });
  mkdirSync(out, { recursive: true });
  const marker = { lease_id: LEASE, epoch: 1, host: "h", group: null, started: null };
  writeFileSync(join(data, "attempts", `${TASK}.json`), JSON.stringify(marker));
  return { data, worktree, out };
}

function say(options: DoneOptions, folder: string, out?: string) {
  const place = { data_dir: "", environment: {}, out, stage: "qa" };
  return done(options, place, folder, () => Promise.reject(new Error("no server is needed")));
}

test("it leaves handoff.json in BATON_OUT", async () => {
  const { out } = underWay();
  expect(await say({ pass: " all fine " }, "/", out)).toBe(EXIT.ok);
  expect(JSON.parse(readFileSync(join(out, "handoff.json"), "utf8"))).toEqual({
    ...{ result: "pass", output_summary: "all fine" },
  });
  expect(readdirSync(out)).toEqual(["handoff.json"]);
});

test("without its environment it finds the attempt from anywhere in the worktree, and the last word counts", async () => {
  const { worktree, out } = underWay();
  await say({ pass: "fine" }, join(worktree, "src/deep"));
  await say({ fail: "it crashes on empty input" }, worktree);
  expect(JSON.parse(readFileSync(join(out, "handoff.json"), "utf8"))).toEqual({
    ...{ result: "reject", output_summary: "it crashes on empty input" },
  });
});

test("outside an attempt it says so and writes nothing", async () => {
  const folder = testFolder();
  await expect(say({ pass: "x" }, folder)).rejects.toMatchObject({ exit_code: EXIT.no_input });
  expect(readdirSync(folder)).toEqual([]);
});

test.each([[{}], [{ pass: "a", fail: "b" }], [{ pass: " \n" }]])("%j is no word", async (options) => {
  const { out } = underWay();
  await expect(say(options, "/", out)).rejects.toThrow(Complaint);
  expect(existsSync(join(out, "handoff.json"))).toBe(false);
});
