/** The names under which an agent leaves its reports. Each has a reader in this folder. */

export const REPORT_NAMES = [
  "handoff.json",
  "bugs.json",
  "security_report.json",
  "junit.xml",
  "results.sarif",
  "coverage-summary.json",
] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

const KB = 1024;

/** The largest size in bytes that is read. */
export const LARGEST: Record<ReportName, number> = {
  "handoff.json": 1_024 * KB,
  "bugs.json": 10_240 * KB,
  "security_report.json": 10_240 * KB,
  "junit.xml": 10_240 * KB,
  "results.sarif": 10_240 * KB,
  "coverage-summary.json": 10_240 * KB,
};
