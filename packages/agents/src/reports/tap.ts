/** Test results from what a test command prints, where it prints TAP: line by line, so that a long output is never held. */
import { type TestCase, type TestResults, testResults } from "@baton/formats";
import { Parser, type Result } from "tap-parser";

export interface TapReader {
  line(text: string): void;
  /** Null when the output was not TAP. */
  results(worktree: string): TestResults | null;
}

/** Beyond this a program only floods us. */
const READ_MAX = 10 * 1024 * 1024;
/** The parser calls itself once for each level of subtests, 4 blanks deep: a line with thousands of them would end our process. */
const TOO_DEEP = new RegExp(`^[ \\t]{${100 * 4 + 1}}`);

export function openTapReader(): TapReader {
  const cases: TestCase[] = [];
  const parser = new Parser();
  listen(parser, cases);
  let declared = false;
  let read = 0;
  let broken = false;
  // Called for each line a program prints: whatever it prints, nothing may be thrown from here. What was read until then stays.
  const guarded = (step: () => unknown) => {
    try {
      if (!broken) step();
    } catch {
      broken = true;
    }
  };
  return {
    line: (text) => {
      // Other tools print lines that begin with "ok", too: only a stream that calls itself TAP is taken for it.
      declared ||= /^TAP version 1[34]\s*$/.test(text);
      read += text.length + 1;
      if (declared && read <= READ_MAX && !TOO_DEEP.test(text)) guarded(() => parser.write(`${text}\n`));
    },
    results: (worktree) => {
      guarded(() => parser.end());
      return cases.length === 0 ? null : testResults(cases, worktree);
    },
  };
}

function listen(parser: Parser, cases: TestCase[]): void {
  parser.on("child", (child: Parser) => listen(child, cases));
  parser.on("assert", (result: Result) => {
    // A point that closes a subtest only repeats what the points inside it said.
    if (!result.closingTestPoint) cases.push(caseOf(result));
  });
}

function caseOf(result: Result): TestCase {
  const diag: Record<string, unknown> = typeof result.diag === "object" && result.diag !== null ? result.diag : {};
  const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(typeof diag.location === "string" ? diag.location : "") ?? [];
  const excused = result.skip !== false || result.todo !== false;
  return {
    name: result.fullname || result.name,
    result: excused ? "skipped" : result.ok ? "passed" : "failed",
    message: [diag.error, diag.message, diag.stack].filter((part) => typeof part === "string").join("\n"),
    file: file ?? null,
    line: line === undefined ? null : Number(line),
  };
}
