/** istanbul's coverage-summary.json as `{coverage}`: the percentage of lines covered in all, null where there are none. */
import { parseCoverage } from "../reports/coverage.ts";
import type { Transformer } from "./transformer.ts";

export const coverage_summary_to_coverage: Transformer = (text) => {
  const read = parseCoverage(text);
  return read.ok ? { ok: true, value: { coverage: read.value } } : read;
};
