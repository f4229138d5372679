/** Coverage as istanbul writes it. */
import { expect, test } from "vitest";
import { parseCoverage } from "./coverage.ts";

test("coverage is the percentage of lines", () => {
  expect(parseCoverage('{"total":{"lines":{"total":10,"covered":9,"skipped":0,"pct":90}}}')).toEqual({
    ok: true,
    value: 90,
  });
  expect(parseCoverage('{"total":{"lines":{"pct":"Unknown"}}}')).toEqual({ ok: true, value: null });
  expect(parseCoverage('{"total":{}}')).toMatchObject({ ok: false });
});
