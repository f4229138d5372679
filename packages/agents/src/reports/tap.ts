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

export function openTapReader(): TapReader {
  const cases: TestCase[] = [];
  const parser = new Parser();
  listen(parser, cases);
  let declared = false;
  let read = 0;
  return {
    line: (text) => {
      // Other tools print lines that begin with "ok", too: only a stream that calls itself TAP is taken for it.
      declared ||= /^TAP version 1[34]\s*$/.test(text);
      read += text.length + 1;
      if (declared && read <= READ_MAX) parser.write(`${text}\n`);
    },
    results: (worktree) => {
      parser.end();
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
