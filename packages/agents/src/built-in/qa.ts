/** The qa stage without an agent: the project's tests are run as a check, and this says how that went. */
import type { CheckResults } from "../checks.ts";
import { plural } from "./work.ts";

export function summariseTests({ checks, tests, coverage }: CheckResults): string {
  const ran = checks.map(({ command, exit_code, duration_ms }) => {
    const end = exit_code === null ? "did not finish" : `ended with exit code ${exit_code}`;
    return `Ran ${command}: it ${end} after ${(duration_ms / 1_000).toFixed(1)} s.`;
  });
  const counted =
    tests &&
    `${plural(tests.total, "test")}: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped.`;
  const covered = coverage === null ? null : `Lines covered: ${coverage} %.`;
  return [...ran, counted, covered].filter((sentence) => sentence !== null).join(" ");
}
