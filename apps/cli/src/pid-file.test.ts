/** Who may work in a data folder, however the one before ended. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { claimFolder } from "./pid-file.ts";
import { testFolder } from "./testing/processes.ts";

test("a folder is claimed once, and again after its release", () => {
  const folder = testFolder();
  const first = claimFolder(folder);
  expect(claimFolder(folder)).toEqual({
    taken: false,
    why: `Baton is already running on ${folder} (pid ${process.pid}).`,
  });
  if (first.taken) first.release();
  expect(claimFolder(folder)).toMatchObject({ taken: true });
});

test("a claim from before a restart does not count when its pid belongs to another program now", () => {
  const folder = testFolder();
  const path = join(folder, "up.pid");
  claimFolder(folder);
  const claim = readFileSync(path, "utf8");
  writeFileSync(path, claim.replace(/\d+"\}$/, '7"}'));
  expect(claimFolder(folder)).toMatchObject({ taken: true });
});

test("a claim that cannot be read does not count", () => {
  const folder = testFolder();
  writeFileSync(join(folder, "up.pid"), "12");
  expect(claimFolder(folder)).toMatchObject({ taken: true });
});

test("a folder that cannot be made is said, not thrown", () => {
  const file = join(testFolder(), "file");
  writeFileSync(file, "");
  expect(claimFolder(join(file, "inside"))).toMatchObject({ taken: false, why: expect.stringContaining("ENOTDIR") });
});
