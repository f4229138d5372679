/** Reading what others wrote: reports, documents and JSON Schemas that nobody has vouched for. What they mean for a task is decided elsewhere. */
export { type Examiner, type ExaminerOptions, openExaminer } from "./examiner/examiner.ts";
export type { DocumentJob } from "./examiner/job.ts";
export { illFormed, type Parsed, parseJson, parseList } from "./parsed.ts";
export { parseCoverage } from "./reports/coverage.ts";
export { parseJunit } from "./reports/junit.ts";
export { parseSarif } from "./reports/sarif.ts";
export { type TestCase, type TestCounts, type TestResults, testResults } from "./reports/tests.ts";
export { DESCRIPTION_MAX, storable, TITLE_MAX } from "./storable.ts";
export { hasTransformer, noTransformer, TRANSFORMER_NAMES, transform } from "./transformers/registry.ts";
