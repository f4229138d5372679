/** What a program in a worktree is told: what it is asked, where it is, and what to leave where. */
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { makeAssignment } from "../testing.ts";
import { buildPrompt } from "./build-prompt.ts";

const repository = "/home/me/project";

test.each(STAGES)("the prompt of %s holds what is asked, the branch, and what to leave", (stage) => {
  const assignment = { ...makeAssignment({ repository, stage }), prompt: "  Mend the greeting.\n\n" };
  const prompt = buildPrompt(assignment);
  expect(prompt.startsWith("Mend the greeting.\n\nThe working directory")).toBe(true);
  expect(prompt).toContain(`baton/${assignment.run_id}/${assignment.lease.task_id}`);
  expect(prompt).toContain("Visit 1, attempt 1.");
  expect(prompt).toContain("handoff.json");
});

test("a stage whose changes are thrown away is told so, and where its findings go", () => {
  const told = (stage: "dev" | "qa" | "sec") => buildPrompt(makeAssignment({ repository, stage }));
  expect(told("dev")).toContain("committed for you");
  expect(told("qa")).toContain("thrown away. Report each fault in bugs.json");
  expect(told("sec")).toContain("thrown away. Report each weakness in security_report.json");
});

test("without a repository it is told that only its artifacts are kept", () => {
  const assignment = makeAssignment({ repository });
  const prompt = buildPrompt({ ...assignment, project: { ...assignment.project, repository_url: null } });
  expect(prompt).toContain("The working directory is empty");
  expect(prompt).not.toContain("branch");
});
