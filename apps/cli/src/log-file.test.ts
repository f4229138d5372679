/** What is read back of a program that has died. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openLog } from "./log-file.ts";

test("the last words are those since the start, and none when the data folder was removed under the program", () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, "logs", "qa.log");
  const before = openLog(path);
  writeFileSync(before.handle, "of the run before\n");
  const log = openLog(path);
  writeFileSync(log.handle, '{"msg":"it broke"}\nplain words\n');
  expect(log.said()).toEqual(["it broke", "plain words"]);
  rmSync(join(folder, "logs"), { recursive: true });
  expect(log.said()).toEqual([]);
});
