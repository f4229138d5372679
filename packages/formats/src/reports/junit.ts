/** junit.xml: counts the test cases itself (the totals in the file are what a tool claims) and makes a bug of each failed one. */
import { parse } from "junit2json";
import { z } from "zod";
import { illFormed, type Parsed } from "../parsed.ts";
import { type TestCase, type TestResults, testResults } from "./tests.ts";

const Details = z.union([
  z.string().transform((message) => [{ message, inner: "" }]),
  z.array(z.looseObject({ message: z.string().default(""), inner: z.string().default("") })),
]);
const Case = z.looseObject({
  name: z.string().default(""),
  classname: z.string().default(""),
  file: z.string().optional(),
  line: z.coerce.number().int().min(0).max(100_000_000).optional().catch(undefined),
  failure: Details.optional(),
  error: Details.optional(),
  skipped: z.unknown().optional(),
});
type Case = z.infer<typeof Case>;

/** Suites hold cases and suites, to any depth; some tools put cases at the top. */
interface Suite {
  file?: string | undefined;
  testcase?: Case[] | undefined;
  testsuite?: Suite[] | undefined;
}
const Suite: z.ZodType<Suite> = z.looseObject({
  file: z.string().optional(),
  testcase: z.array(Case).optional(),
  get testsuite() {
    return z.array(Suite).optional();
  },
});

export async function parseJunit(text: string, worktree: string): Promise<Parsed<TestResults>> {
  try {
    const document = await parse(text, {});
    if (document === null || document === undefined) return illFormed("holds neither <testsuites> nor <testsuite>");
    const suite = Suite.safeParse(Array.isArray(document) ? { testsuite: document } : document);
    if (!suite.success)
      return illFormed(
        `is not JUnit XML: ${suite.error.issues[0]?.message} at /${suite.error.issues[0]?.path.join("/")}`,
      );
    return { ok: true, value: testResults(casesOf(suite.data), worktree) };
  } catch (error) {
    if (error instanceof RangeError) return illFormed("is nested too deeply");
    return illFormed(`is not XML: ${String((error as Error).message).split("\n")[0]}`);
  }
}

function casesOf(suite: Suite, file?: string): TestCase[] {
  const own = suite.file ?? file;
  const nested = (suite.testsuite ?? []).flatMap((inner) => casesOf(inner, own));
  return [...(suite.testcase ?? []).map((test) => caseOf(test, own)), ...nested];
}

function caseOf(test: Case, file: string | undefined): TestCase {
  const details = [...(test.failure ?? []), ...(test.error ?? [])];
  const failed = test.failure !== undefined || test.error !== undefined;
  const place = placeIn(details.map((detail) => detail.inner).join("\n"));
  return {
    name: ["", "test", test.name].includes(test.classname) ? test.name : `${test.classname} › ${test.name}`,
    result: failed ? "failed" : test.skipped === undefined ? "passed" : "skipped",
    message: details.map((detail) => `${detail.message}\n${detail.inner}`.trim()).join("\n"),
    file: test.file ?? file ?? place?.file ?? null,
    line: test.line ?? (test.file === undefined || test.file === place?.file ? place?.line : undefined) ?? null,
  };
}

/** The first place that a stack trace names outside of Node itself and of packages. */
function placeIn(stack: string): { file: string; line: number } | null {
  for (const match of stack.matchAll(/(?:\(|at |❯ )(?:file:\/\/)?((?!node:)[^\s():]+):(\d+)(?::\d+)?/g)) {
    const [, file, line] = match;
    if (file !== undefined && !file.includes("node_modules/")) return { file, line: Number(line) };
  }
  return null;
}
