/** sec: the project's agent, or else a scan of what the task adds for secrets and an audit of its packages; then the project's own checks. Commits nothing. */
import { type StagePlan, secretScan } from "@baton/agents";

export const sec: StagePlan = {
  commits: false,
  without_command: secretScan,
  checks: ({ check_commands }) => check_commands.sec.map((run, at) => ({ name: `sec-${at + 1}`, run })),
};
