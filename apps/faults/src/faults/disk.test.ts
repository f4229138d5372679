/** A disk that is really full. Skipped where nobody may mount one. */
import { existsSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { clearLeftovers } from "../cluster/leftovers.ts";
import { mountDisk } from "./disk.ts";

test("a full disk takes nothing more, keeps what it has, and has room again afterwards", async ({ skip }) => {
  const root = mkdtempSync(join(tmpdir(), "baton-disk-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const disk = await mountDisk(join(root, "disk"), 4);
  if (disk === null) return skip();
  onTestFinished(disk.unmount);
  const file = (name: string) => join(disk.folder, name);
  writeFileSync(file("before"), "kept");
  disk.fill();
  expect(statfsSync(disk.folder).bavail).toBe(0);
  expect(() => writeFileSync(file("during"), "x".repeat(10))).toThrow(/ENOSPC/);
  disk.relieve();
  writeFileSync(file("after"), "x".repeat(1_000_000));
  expect([existsSync(file("before")), statfsSync(disk.folder).bavail > 0]).toEqual([true, true]);
});

test("a disk that nobody unmounts goes with the other leftovers", async ({ skip }) => {
  const root = mkdtempSync(join(tmpdir(), "baton-disk-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const disk = await mountDisk(join(root, "disk"), 4);
  if (disk === null) return skip();
  const mounted = () => readFileSync("/proc/mounts", "utf8").includes(disk.folder);
  expect(mounted()).toBe(true);
  expect(await clearLeftovers()).toEqual([]);
  expect(mounted()).toBe(false);
});
