/** SARIF 2.1.0 as `{findings}`: the open faults in it. */
import { parseSarif } from "../reports/sarif.ts";
import { NO_WORKTREE, type Transformer } from "./transformer.ts";

export const sarif_to_findings: Transformer = (text) => {
  const read = parseSarif(text, NO_WORKTREE);
  return read.ok ? { ok: true, value: { findings: read.value } } : read;
};
