/** dev: the project's agent changes the code. Nobody else can; what it changed is committed, and what it is worth is for qa to say. */
import { onlyByCommand, type StagePlan } from "@baton/agents";

export const dev: StagePlan = {
  commits: true,
  without_command: onlyByCommand(
    "the project has no command for dev: set settings.commands.dev, or leave the stage to pulling agents",
  ),
  checks: () => [],
};
