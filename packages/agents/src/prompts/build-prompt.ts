/** The prompt of a program in a worktree: what it is asked, in the words of whoever leased the task, then where it is and what to leave where. */
import { type Assignment, branchOf } from "../assignment.ts";
import { WHAT_IS_KEPT, WHAT_TO_LEAVE } from "./stages.ts";

export function buildPrompt(assignment: Assignment): string {
  const { lease, project, prompt = "" } = assignment;
  const place =
    project.repository_url === null
      ? `The working directory is empty, and nothing in it is kept: leave files in the folder "artifacts" of BATON_OUT.`
      : `The working directory is a checkout of the repository for the branch ${branchOf(assignment)} (detached: do not switch branches, do not push). ${WHAT_IS_KEPT[lease.stage]}`;
  const turn = `${place} Visit ${lease.visit}, attempt ${lease.attempt}.`;
  const parts = [prompt.trim(), turn, WHAT_TO_LEAVE];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
