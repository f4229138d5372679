/** What a claim answered, as the work in a worktree needs it: the claimed task, the command of the command line, the prompt of the server. */
import { type Assignment, onlyByCommand } from "@baton/agents";
import { ProjectSettings, type Stage } from "@baton/domain";
import type { ClaimedLease } from "@baton/domain/api";
import type { WorkOptions } from "./options.ts";

const WORDS_FOR_YOU = [
  "The environment variable BATON_MESSAGES names a file to which words of people and of the line for you are added while you work: read it now and then, and before you end.",
  'The program "baton" is at hand. Where writing handoff.json is too much, end with one of: baton done --pass "what you did" or baton done --fail "why not".',
].join("\n");

export function assignmentOf(claimed: ClaimedLease, options: WorkOptions): Assignment {
  const { lease, task, packet, context, prompt } = claimed;
  const { stage } = lease;
  const { id, repository_url, primary_branch } = context.project;
  return {
    lease,
    run_id: context.run.id,
    plan: {
      commits: stage === "dev" || stage === "docs",
      without_command: onlyByCommand("baton work was started without a command"),
      checks: () => checksOf(stage, options.checks),
      printed_counts: true,
    },
    task: {
      title: task.title,
      description: task.description,
      acceptance_criteria: context.acceptance_criteria,
    },
    project: {
      ...{ id, repository_url, primary_branch },
      settings: ProjectSettings.parse({
        commands: { [stage]: { run: options.command, timeout_s: options.timeout_s } },
      }),
    },
    prompt: `${prompt.trim()}\n\n${WORDS_FOR_YOU}`,
    ...(context.role.model !== null && { model: context.role.model }),
    ...(options.agent.kind !== undefined && { agent_kind: options.agent.kind }),
    packet,
    findings: context.findings,
    history: [],
  };
}

/** In qa the first check is the project's tests: that is what its report is called after. */
function checksOf(stage: Stage, commands: readonly string[]) {
  return commands.map((run, at) => ({ name: stage === "qa" && at === 0 ? "tests" : `check-${at + 1}`, run }));
}
