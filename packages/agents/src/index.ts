/** How a hosted worker does a stage's work. The rest of this package is its own affair. */
export type {
  Assignment,
  AttemptResult,
  Done,
  Ended,
  FileKept,
  LeftFile,
  LiveSession,
  LogLine,
  Surroundings,
} from "./assignment.ts";
export { branchOf } from "./assignment.ts";
export { changesSoFar } from "./changes-so-far.ts";
export type { Environment } from "./environment.ts";
export { outOf } from "./find-out.ts";
export { land } from "./land.ts";
export { messagesOf } from "./places.ts";
export { buildPrompt } from "./prompts/build-prompt.ts";
export { shellLine } from "./shell.ts";
export {
  changelogEntry,
  onlyByCommand,
  onlyChecks,
  type PlannedCheck,
  type StagePlan,
  secretScan,
} from "./stage-plan.ts";
export { sweep } from "./sweep.ts";
export { addWords, WIND_DOWN, type Words } from "./words.ts";
export { workAttempt } from "./work-attempt.ts";
