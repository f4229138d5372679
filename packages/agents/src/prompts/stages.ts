/** What a program in a worktree is told of the worktree and of the files it may leave. */
import type { Stage } from "@baton/domain";

const COMMITTED = "Leave your changes in it; they are committed for you.";
const THROWN_AWAY = "What you change in it is thrown away.";

/** What becomes of the working directory. */
export const WHAT_IS_KEPT: Record<Stage, string> = {
  dev: COMMITTED,
  qa: `${THROWN_AWAY} Report each fault in bugs.json.`,
  sec: `${THROWN_AWAY} Report each weakness in security_report.json.`,
  docs: COMMITTED,
};

export const WHAT_TO_LEAVE = `Leave these files in the folder named by the environment variable BATON_OUT (never commit them):

handoff.json (always):
  {"result": "pass" or "reject", "output_summary": "what you did, for the next stage",
   "output_artifacts": [{"type": "file|spec|migration|component|test|config", "path": "src/a.ts", "action": "created|modified|deleted", "description": "…"}],
   "output_decisions": [{"decision": "…", "rationale": "…", "alternatives_considered": "…"}],
   "output_metrics": {}, "findings": [{"title": "…", "severity": "critical|high|medium|low|info", "file": "src/a.ts", "line": 1, "description": "…"}],
   "usage": {"tokens_in": 0, "tokens_out": 0, "cost_usd": "0.00", "model": "…"}}
  Only output_summary must be there. Fields that are not listed are refused.
bugs.json (qa, when there are bugs): [{"title": "…", "severity": "high", "status": "open" or "fixed", "file": "…", "line": 1, "description": "…"}]
security_report.json (sec, when there are weaknesses): [{"issue": "…", "severity": "high", "file": "…", "line": 1, "recommendation": "…"}]
junit.xml, results.sarif, coverage-summary.json: as your tools write them, where they do.
artifacts/<name>: files for the stages after you, and those that the handoff must carry.

Exit with code 0 when the work is done, whatever the result; with another code when it could not be done.`;
