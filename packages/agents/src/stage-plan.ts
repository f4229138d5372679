/** What makes one stage's work different from another's. The worker says it stage by stage; everything else about an attempt is the same for all. */
import type { ProjectSettings } from "@baton/domain";
import { blocked, proceed, type Step } from "./assignment.ts";
import type { Attempt } from "./attempt.ts";
import { noteTheChange } from "./built-in/docs.ts";
import { scanTheTask } from "./built-in/sec.ts";
import type { BuiltInWork } from "./built-in/work.ts";

/** A command of the project that proves or disproves the work. */
export interface PlannedCheck {
  name: string;
  run: string;
}

export interface StagePlan {
  /** Whether what is changed in the worktree becomes a commit of the task's branch. */
  commits: boolean;
  /** The work where the project has no command for the stage. */
  without_command: (attempt: Attempt) => Promise<Step<BuiltInWork>>;
  /** What is run after the work, in order; one that fails is evidence for a rejection. */
  checks: (settings: ProjectSettings) => PlannedCheck[];
  /** Whether what a command prints is a word of it: then exit code 0 with a word is a result, without a file or a change. */
  printed_counts?: true;
}

/** Nobody can do the stage's work but an agent: a person has to name one. */
export function onlyByCommand(reason: string): StagePlan["without_command"] {
  return async () => blocked(reason);
}

/** The checks are the work: without any there is no evidence, and nothing passes without evidence. */
export function onlyChecks(reason: string): StagePlan["without_command"] {
  return async ({ assignment: { plan, project } }) =>
    plan.checks(project.settings).length === 0 ? blocked(reason) : proceed({ summary: "", findings: [], metrics: {} });
}

export const secretScan: StagePlan["without_command"] = async (attempt) => proceed(await scanTheTask(attempt));

export const changelogEntry: StagePlan["without_command"] = async (attempt) => proceed(await noteTheChange(attempt));
