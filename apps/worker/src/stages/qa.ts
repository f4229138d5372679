/** qa: the project's agent looks for bugs, if there is one, and the project's tests are run in any case. Commits nothing. */
import { onlyChecks, type StagePlan } from "@baton/agents";

export const qa: StagePlan = {
  commits: false,
  without_command: onlyChecks(
    "the project has neither a command for qa nor a test_command: set one, or leave the stage to pulling agents",
  ),
  checks: ({ test_command }) => (test_command === null ? [] : [{ name: "tests", run: test_command }]),
};
