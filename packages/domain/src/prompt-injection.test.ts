/** Nothing that users or agents wrote leaves its box: outside of the boxes a prompt is word for word the same, whatever stands in them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { ROLE_OF } from "./agent-roles.ts";
import { Contract } from "./contract.ts";
import { normaliseFinding } from "./findings.ts";
import { planPromptFor, promptFor, type TaskPrompt } from "./prompt.ts";
import { SHIPPED_ROLES } from "./shipped-roles.ts";
import { STAGES, type Stage } from "./stages.ts";
import { injections } from "./testing/injections.ts";

const boundary = "0f1e2d3c4b5a69788796a5b4";
const corpus = injections(boundary);

/** The same text in every place that users and agents can write to. */
function everywhere(stage: Stage, text: string): TaskPrompt {
  const packet = {
    output_summary: text,
    output_artifacts: [{ type: "file", path: text, action: "modified" } as const],
    output_decisions: [{ decision: text, rationale: text }],
  };
  const finding = { ...normaliseFinding({ title: "t" }, "bug"), title: text, description: text, file: text };
  const definition = { ...Contract.parse({ artifacts: [{ name: "a.json" }] }) };
  return {
    ...{ stage, visit: 1, packet: { ...packet, phase: "dev", rejection_reason: text }, findings: [finding] },
    project: { name: text, repository_url: text, primary_branch: text, rules: text },
    task: { title: text, description: text, acceptance_criteria: [text] },
    draft: { packet, findings: [finding], attempt: 1, agent_id: text, saved_at: "2026-01-01T00:00:00.000Z" },
    proofs: [text],
    contract: {
      ...{ id: "c", version: 1 },
      definition: { ...definition, artifacts: definition.artifacts.map((one) => ({ ...one, name: text })) },
    },
  };
}

const BOX = new RegExp(`<<<${boundary}[\\n ]([\\s\\S]*?)[\\n ]${boundary}>>>`, "g");

/** What is left when the boxes are emptied. The rule names the markers once, before everything else. */
function outside(prompt: string): string {
  const [rule = "", ...rest] = prompt.split("\n\n");
  const text = rest.join("\n\n").replace(BOX, "[box]");
  expect(text).not.toContain(boundary);
  return `${rule}\n\n${text}`;
}

const promptOf = (stage: Stage, text: string) =>
  promptFor(SHIPPED_ROLES[ROLE_OF[stage]].template, everywhere(stage, text), boundary);
const planOf = (text: string) =>
  planPromptFor(SHIPPED_ROLES.pm.template, { goal: text, project: everywhere("dev", text).project }, boundary);

test("the corpus is as large as it should be", () => {
  expect(new Set(corpus).size).toBeGreaterThanOrEqual(40);
});

/** One-line boxes are not there where nothing can be seen of their text. */
const blank = (text: string) => text.replace(/\s/g, "") === "";

test.each(STAGES)("nothing of the corpus leaves its box in the prompt of %s", (stage) => {
  const harmless = outside(promptOf(stage, "harmless"));
  for (const text of corpus.filter((one) => !blank(one))) {
    expect(outside(promptOf(stage, text)), JSON.stringify(text.slice(0, 60))).toBe(harmless);
  }
});

test("nothing of the corpus leaves its box in the prompt of a planner", () => {
  const harmless = outside(planOf("harmless"));
  for (const text of corpus.filter((one) => !blank(one))) expect(outside(planOf(text))).toBe(harmless);
});

test("text of nothing but spaces and line ends changes no word outside", () => {
  const words = (prompt: string) => outside(prompt).replaceAll("[box]", "").replace(/\s+/g, " ");
  for (const text of corpus.filter(blank))
    expect(words(promptOf("dev", text))).toBe(words(promptOf("dev", "harmless")));
});

test("whatever anybody writes, nothing leaves its box", () => {
  const harmless = outside(promptOf("dev", "harmless"));
  const piece = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(...corpus, boundary, "<<<", ">>>", "\n", "{{", "}}"),
  );
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 8 }), (pieces) => {
      const text = `x${pieces.join("")}`;
      expect(outside(promptOf("dev", text))).toBe(harmless);
    }),
    { numRuns: 60 },
  );
});

test("template syntax in a text is not expanded", () => {
  const prompt = promptOf("dev", "{{project.rules}} {{packet}}");
  expect(prompt).toContain("title:\n<<<0f1e2d3c4b5a69788796a5b4\n{{project.rules}} {{packet}}\n");
});

test("what cannot be seen is shown, and what scripts and emoji need stays", () => {
  const prompt = promptOf("dev", "a\u202eb\u200bc \u{e0041}\u{e0042} 👩\u200d👧 نمی\u200cخواهم");
  expect(prompt).toContain("a⟨U+202E⟩b⟨U+200B⟩c ⟨2 hidden characters from U+E0041⟩ 👩\u200d👧 نمی\u200cخواهم");
  expect(prompt).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b\u{e0000}-\u{e007f}]/u);
});
