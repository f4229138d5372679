/** The guessed kinds, file by file. */
import { expect, test } from "vitest";
import { proofKindOf } from "./proof-kind.ts";

const OPAQUE = "application/octet-stream";

test.each([
  ["changes.diff", OPAQUE, "code_diff"],
  ["0001-fix.patch", OPAQUE, "code_diff"],
  ["notes", "text/x-diff; charset=utf-8", "code_diff"],
  ["junit.xml", "application/xml", "test_result"],
  ["TEST-suite.xml", OPAQUE, "test_result"],
  ["coverage-summary.json", "application/json", "test_result"],
  ["unit-tests.log", OPAQUE, "test_result"],
  ["run.trx", OPAQUE, "test_result"],
  ["test-failed.png", OPAQUE, "screenshot"],
  ["login page.JPG", OPAQUE, "screenshot"],
  ["capture", "image/png", "screenshot"],
  ["test", "image/webp", "screenshot"],
  ["build.log", OPAQUE, "log"],
  ["server.log.1.gz", OPAQUE, "log"],
  ["stderr", OPAQUE, "log"],
  ["results.sarif", OPAQUE, "report"],
  ["security_report.json", "application/json", "report"],
  ["findings", "application/sarif+json", "report"],
  ["README.md", OPAQUE, "report"],
  ["latest.bin", OPAQUE, "other"],
  ["contest.zip", OPAQUE, "other"],
  ["logo", OPAQUE, "other"],
  ["", "", "other"],
])("%j of type %j is taken for %s", (name, media_type, kind) => {
  expect(proofKindOf(name, media_type)).toBe(kind);
});

test("a name of the greatest length is judged at once, whatever is in it", () => {
  const started = performance.now();
  for (const piece of ["-", "test", ".", "log.", "_report"])
    proofKindOf(piece.repeat(64).slice(0, 255), "text/".repeat(50));
  expect(performance.now() - started).toBeLessThan(500);
});
