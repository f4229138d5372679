/** docs: the project's agent, or else a changelog entry from the packets where the change has none; then the project's own checks. Its changes are committed. */
import { changelogEntry, type StagePlan } from "@baton/agents";

export const docs: StagePlan = {
  commits: true,
  without_command: changelogEntry,
  checks: ({ check_commands }) => check_commands.docs.map((run, at) => ({ name: `docs-${at + 1}`, run })),
};
