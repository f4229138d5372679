/** What an agent reads: the work is there, in the words of its role. That nothing leaves its box is `prompt-injection.test.ts`. */
import { expect, test } from "vitest";
import { AGENT_ROLES, type AgentRole, ROLE_OF, RoleDefinition, roleCommand } from "./agent-roles.ts";
import { Contract, PRODUCT_CONTRACT } from "./contract.ts";
import { normaliseFinding } from "./findings.ts";
import { planPromptFor, promptFor, type TaskPrompt, VOCABULARY } from "./prompt.ts";
import { SHIPPED_ROLES } from "./shipped-roles.ts";
import { STAGES } from "./stages.ts";
import { templateFaults } from "./template.ts";

const boundary = "b0undary";
const input: TaskPrompt = {
  ...{ stage: "dev", visit: 2, draft: null, proofs: [], contract: PRODUCT_CONTRACT },
  project: { name: "parser", repository_url: "/home/me/parser", primary_branch: "main" },
  task: { title: "Add a field", description: "It is missing.", acceptance_criteria: ["the field is there"] },
  packet: {
    phase: "qa",
    output_summary: "The test fails.",
    output_artifacts: [{ type: "file", path: "src/a.ts", action: "modified" }],
    output_decisions: [{ decision: "no cache", rationale: "too early" }],
  },
  findings: [normaliseFinding({ title: "off by one", file: "src/a.ts", line: 7, severity: "high" }, "bug")],
};

const shipped = (given: Partial<TaskPrompt> = {}) => {
  const whole = { ...input, ...given };
  return promptFor(SHIPPED_ROLES[ROLE_OF[whole.stage]].template, whole, boundary);
};

test.each(AGENT_ROLES)("the shipped role %s can be saved as it is", (role) => {
  expect(templateFaults(SHIPPED_ROLES[role].template, VOCABULARY[role])).toEqual([]);
  expect(RoleDefinition.parse(SHIPPED_ROLES[role])).toEqual(SHIPPED_ROLES[role]);
});

test.each(STAGES)("the prompt of %s tells the task, the project and the packet before", (stage) => {
  const prompt = shipped({ stage });
  for (const part of [
    "Add a field",
    "It is missing.",
    "the field is there",
    "The test fails.",
    "src/a.ts (modified)",
  ]) {
    expect(prompt).toContain(part);
  }
  expect(prompt).toContain(`You work the ${stage} stage`);
  expect(prompt).toContain("no cache: too early");
  expect(prompt).toContain("visit 2");
  expect(prompt).toContain("<<<b0undary parser b0undary>>>");
});

test("dev is told every finding to mend, and only then that the work came back", () => {
  expect(shipped()).toContain("The work came back.");
  expect(shipped()).toContain("[high bug] off by one in src/a.ts:7");
  expect(shipped({ findings: [] })).not.toContain("came back");
});

test("a first attempt says nothing of packets, drafts, proofs, findings and contracts", () => {
  const prompt = shipped({ packet: null, findings: [] });
  for (const word of ["before you", "to mend", "proof, newest", "must carry", "rules of the project"]) {
    expect(prompt).not.toContain(word);
  }
});

test("no empty value leaves a gap", () => {
  expect(shipped({ packet: null, findings: [] })).not.toMatch(/\n{3}/);
  expect(shipped()).not.toMatch(/\n{3}/);
});

test("rules, proofs, a draft and the contract are told where there are some", () => {
  const packet = { output_summary: "half done", output_artifacts: [], output_decisions: [] };
  const draft = { packet, findings: [], attempt: 1, agent_id: "a", saved_at: "2026-01-01T00:00:00.000Z" };
  const definition = Contract.parse({ artifacts: [{ name: "report.json" }] });
  const prompt = shipped({
    ...{ draft, proofs: ["log dev v1: ok (a.log, 1 KB, 12345678)"], contract: { id: "c", version: 1, definition } },
    project: { ...input.project, rules: "No new packages." },
  });
  for (const part of ["half done", "log dev v1: ok", "the artifact report.json", "No new packages."]) {
    expect(prompt).toContain(part);
  }
});

test("a prompt stays bounded whatever the task says", () => {
  const findings = Array.from({ length: 500 }, (_, index) =>
    normaliseFinding({ title: `f${index}`, description: "x".repeat(20_000) }, "bug"),
  );
  const prompt = shipped({ findings, task: { ...input.task, description: "y".repeat(50_000) } });
  expect(prompt.length).toBeLessThan(110_000);
  expect(prompt).toContain("… (cut)");
});

test("a planner is given the goal and the project", () => {
  const prompt = planPromptFor(SHIPPED_ROLES.pm.template, { goal: "Parse faster.", project: input.project }, boundary);
  expect(prompt).toContain("goal:\n<<<b0undary\nParse faster.\nb0undary>>>");
  expect(prompt).toContain("parser");
});

const least: [AgentRole, string][] = [
  ["dev", "{{findings}}"],
  ["qa", "{{acceptance_criteria}}"],
  ["security", "{{packet}}"],
  ["docs", "{{task.title}}"],
  ["pm", "{{goal}}"],
];

test.each(least)("a template of %s without %s cannot be saved", (role, variable) => {
  const without = SHIPPED_ROLES[role].template.replaceAll(variable, "");
  expect(templateFaults(without, VOCABULARY[role])).toEqual([`${variable} is missing`]);
});

test("a role that runs commands needs one, and one that does not runs none", () => {
  expect(RoleDefinition.safeParse({ template: "x", executor: "command" }).success).toBe(false);
  expect(roleCommand({ command: "claude -p" })).toBe("claude -p");
  expect(roleCommand({ executor: "none", command: "claude -p" })).toBeNull();
  expect(roleCommand({})).toBeNull();
});
