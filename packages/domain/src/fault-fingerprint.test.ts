/** Faults of the same kind have one name, whatever differs from case to case; others have another. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { faultFingerprint } from "./fault-fingerprint.ts";

test.each([
  ["connection refused: 10.0.0.7:5432", "connection refused: 10.0.0.12:6432"],
  ["task 0197b2c4-5d1e-7c3a-9b1f-2f4d6e8a0b1c failed", "task 0197ffff-0000-7aaa-8bbb-cccccccccccc failed"],
  ["2026-01-02T03:04:05.678Z no disk left", "2027-11-12 13:14:15 no disk left"],
  ["cannot open /tmp/a1b2/out.json", "cannot open /var/lib/agents/x/y/z.json"],
  ["cannot open ./out/one.json: EACCES", "cannot open C:\\work\\two.json: EACCES"],
  ["commit deadbeef is gone", "commit cafebabe is gone"],
  ["took 31 s,  then  ENDED", "took 7 s, then ended"],
])("%s is %s", (one, other) => {
  expect(faultFingerprint("environment", one)).toBe(faultFingerprint("environment", other));
});

test.each([
  ["connection refused", "connection reset"],
  ["model not found", "model overloaded"],
  ["cannot open /tmp/a", "cannot write /tmp/a"],
])("%s is not %s", (one, other) => {
  expect(faultFingerprint("environment", one)).not.toBe(faultFingerprint("environment", other));
});

test("the same words are another fault when somebody else is to blame", () => {
  expect(faultFingerprint("task", "no")).not.toBe(faultFingerprint("provider", "no"));
});

test("whatever number stands in a message, it is the same fault", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (a, b) => {
      const of = (n: number) => faultFingerprint("worker", `request req_${n} failed after ${n} ms`);
      expect(of(a)).toBe(of(b));
    }),
  );
});

test("any message has a name, soon", () => {
  fc.assert(
    fc.property(
      fc.string({ maxLength: 5_000, unit: fc.constantFrom("/", "a", "1", "-", " ", ":", "\\", ".") }),
      (text) => {
        expect(faultFingerprint("worker", text)).toMatch(/^[0-9a-f]{16}$/);
      },
    ),
  );
});
