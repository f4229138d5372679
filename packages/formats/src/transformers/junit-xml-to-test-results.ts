/** JUnit XML as `{total, passed, failed, skipped, findings}`: counted from the cases, not from what the file claims. */
import { parseJunit } from "../reports/junit.ts";
import { NO_WORKTREE, type Transformer } from "./transformer.ts";

export const junit_xml_to_test_results: Transformer = async (text) => {
  const read = await parseJunit(text, NO_WORKTREE);
  return read.ok ? { ok: true, value: { ...read.value.counts, findings: read.value.findings } } : read;
};
