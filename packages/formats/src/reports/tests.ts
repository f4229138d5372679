/** Test results in the one form that all test reports become: counts, and a bug for each failed test. */
import { isAbsolute, relative, resolve } from "node:path";
import { type Finding, LINE_MAX, normaliseFinding } from "@baton/domain";
import { DESCRIPTION_MAX, storable, TITLE_MAX } from "../storable.ts";

export interface TestCounts {
  total: number;
  passed: number;
  failed: number;
  skipped: number;
}

export interface TestResults {
  counts: TestCounts;
  findings: Finding[];
}

export interface TestCase {
  name: string;
  result: "passed" | "failed" | "skipped";
  message: string;
  file: string | null;
  line: number | null;
}

/** Failed tests beyond this number are counted, not listed. */
const LISTED_MAX = 200;

export function testResults(cases: readonly TestCase[], worktree: string): TestResults {
  const count = (result: TestCase["result"]) => cases.filter((test) => test.result === result).length;
  const failures = cases.filter((test) => test.result === "failed");
  return {
    counts: { total: cases.length, passed: count("passed"), failed: failures.length, skipped: count("skipped") },
    findings: failures.slice(0, LISTED_MAX).map((test) => bugOf(test, worktree)),
  };
}

function bugOf({ name, message, file, line }: TestCase, worktree: string): Finding {
  const inside = file === null ? null : storable(pathIn(worktree, file), TITLE_MAX);
  // Reports guess the line from text that may name a time or an id in the same form.
  const known = line !== null && line <= LINE_MAX;
  return normaliseFinding(
    {
      title: storable(`test fails: ${name.trim() === "" ? "(without a name)" : name}`, TITLE_MAX),
      severity: "high",
      description: storable(message, DESCRIPTION_MAX),
      ...(inside && { file: inside }),
      ...(known && { line }),
    },
    "bug",
  );
}

/** Reports name files as the tool saw them; findings name them relative to the repository. */
export function pathIn(worktree: string, file: string): string {
  const path = file.startsWith("file://") ? file.slice("file://".length) : file;
  const inside = relative(worktree, resolve(worktree, path));
  return inside === "" || inside.startsWith("..") || isAbsolute(inside) ? path : inside;
}
