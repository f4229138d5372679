/** What is read back of a program that has died. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { keepSmall, openLog } from "./log-file.ts";

function folderForTest(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-log-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("the last words are those since the start, and none when the data folder was removed under the program", () => {
  const folder = folderForTest();
  const path = join(folder, "logs", "qa.log");
  const before = openLog(path);
  writeFileSync(before.handle, "of the run before\n");
  const log = openLog(path);
  writeFileSync(log.handle, '{"msg":"it broke"}\nplain words\n');
  expect(log.said()).toEqual(["it broke", "plain words"]);
  rmSync(join(folder, "logs"), { recursive: true });
  expect(log.said()).toEqual([]);
});

test("a log that has grown too large is kept beside the new one", () => {
  const path = join(folderForTest(), "qa.log");
  writeFileSync(path, "twelve bytes");
  keepSmall(path, 12);
  expect(readFileSync(path, "utf8")).toBe("twelve bytes");
  keepSmall(path, 11);
  expect([statSync(path).size, readFileSync(`${path}.1`, "utf8")]).toEqual([0, "twelve bytes"]);
});

test("a log that cannot be copied, as on a full disk, is cut all the same", () => {
  const path = join(folderForTest(), "qa.log");
  mkdirSync(`${path}.1`);
  writeFileSync(path, "twelve bytes");
  keepSmall(path, 11);
  expect(statSync(path).size).toBe(0);
});
