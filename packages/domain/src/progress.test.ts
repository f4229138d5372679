/** The mark of progress: another one when something is new, the same one otherwise. */
import { expect, test } from "vitest";
import { ProgressEvidence, progressMark } from "./progress.ts";

const diff = (letter: string) => letter.repeat(64);

test("each part of the evidence makes another mark when it changes", () => {
  const seen = { diff_sha256: diff("a"), tests: 3, artifacts: 1 };
  const mark = progressMark(null, seen);
  expect(progressMark(mark, seen)).toBe(mark);
  for (const more of [{ diff_sha256: diff("b") }, { tests: 4 }, { artifacts: 0 }]) {
    expect(progressMark(mark, { ...seen, ...more })).not.toBe(mark);
  }
});

test("what is told in turns is no progress as long as nothing changes", () => {
  const both = progressMark(progressMark(null, { tests: 3 }), { diff_sha256: diff("a") });
  expect(progressMark(both, { tests: 3 })).toBe(both);
  expect(progressMark(both, { diff_sha256: diff("a") })).toBe(both);
  expect(progressMark(both, {})).toBe(both);
});

test("no evidence makes no mark", () => {
  expect(progressMark(null, {})).toBe(null);
});

test.each([{ diff_sha256: "short" }, { tests: -1 }, { artifacts: 1.5 }, { mood: "good" }])(
  "evidence of %j is refused",
  (evidence) => {
    expect(ProgressEvidence.safeParse(evidence).success).toBe(false);
  },
);
