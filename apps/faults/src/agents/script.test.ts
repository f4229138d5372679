/** The mix of workload W is the one that is promised, and follows from the seed alone. */
import { expect, test } from "vitest";
import { draftOf, failureOf, fileOf } from "./leave.ts";
import { scriptOf } from "./script.ts";

const LEASE_MS = 5_000;

const plain = (seed: number, count: number) =>
  Array.from({ length: count }, (_, i) =>
    scriptOf(seed, { title: `plain ${i}`, stage: "qa", visit: 1, attempt: 1 }, LEASE_MS),
  );

const share = <T>(all: readonly T[], is: (one: T) => boolean) => all.filter(is).length / all.length;

test("the same seed scripts the same work, another one other work", () => {
  expect(plain(1, 50)).toEqual(plain(1, 50));
  expect(plain(2, 50)).not.toEqual(plain(1, 50));
});

test("10 % of the work is rejected and 15 % takes longer than its lease, most of it in silence", () => {
  const scripts = plain(7, 20_000);
  expect(share(scripts, ({ end }) => end === "reject")).toBeCloseTo(0.1, 2);
  expect(share(scripts, ({ work_ms }) => work_ms > LEASE_MS)).toBeCloseTo(0.15, 2);
  expect(share(scripts, ({ silent }) => silent)).toBeCloseTo(0.1, 2);
  expect(scripts.every(({ silent, work_ms }) => !silent || work_ms > LEASE_MS)).toBe(true);
});

test("packets are of 1 to 256 KB, each of another content", () => {
  const drafts = plain(3, 200).map((script, i) => draftOf(script, { lease_id: `lease ${i}`, epoch: 1 }));
  const sizes = drafts.map((draft) => Buffer.byteLength(JSON.stringify(draft)));
  expect(Math.min(...sizes)).toBeGreaterThan(1_024);
  expect(Math.max(...sizes)).toBeLessThan(256 * 1_024);
  expect(sizes.some((size) => size > 100 * 1_024)).toBe(true);
  expect(new Set(drafts.map((draft) => JSON.stringify(draft.output_decisions))).size).toBe(200);
  expect(fileOf("a", 10)).not.toEqual(fileOf("b", 10));
});

test("no two attempts fail with the same words once numbers are out of them", () => {
  const words = [failureOf("0a1b"), failureOf("0a1c")].map((message) => message.replace(/\d/g, "#"));
  expect(new Set(words).size).toBe(2);
});

test("poison kills in dev only, and what is stubborn is sent back by qa each time", () => {
  const of = (title: string, stage: "dev" | "qa") => scriptOf(1, { title, stage, visit: 2, attempt: 2 }, LEASE_MS);
  expect([of("poison 1", "dev").dies, of("poison 1", "qa").dies, of("plain 1", "dev").dies]).toEqual([
    true,
    false,
    false,
  ]);
  expect([of("stubborn 1", "qa").end, of("stubborn 1", "dev").end]).toEqual(["reject", "pass"]);
});
