/** Templates: what they may say, that a bad one is told where it is bad, and that filling one never reads a value as a template. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { fillTemplate, readTemplate, templateFaults } from "./template.ts";

const words = { allowed: ["title", "findings", "stage"], required: ["title"] };
const fill = (template: string, values: Record<string, string>) =>
  fillTemplate(readTemplate(template), (name) => values[name] ?? "");

test("variables are filled in, with or without spaces around their name", () => {
  expect(fill("a {{title}} b {{ stage }}", { title: "T", stage: "dev" })).toBe("a T b dev");
});

test("a section is shown where there is something, and only then", () => {
  const template = "{{title}}\n\n{{#findings}}\nMend:\n{{findings}}\n{{/findings}}\n\nEnd.";
  expect(fill(template, { title: "T", findings: "F" })).toBe("T\n\nMend:\nF\n\nEnd.");
  expect(fill(template, { title: "T" })).toBe("T\n\nEnd.");
});

test.each([
  ["{{title}} {{nothing}}", "{{nothing}} is not a variable here: there are title, findings, stage"],
  ["no variable", "{{title}} is missing"],
  ["{{#findings}}{{title}}{{/findings}}", "{{title}} is missing"],
  ["{{title}}\n{{#findings}} never closed", "line 2: {{#findings}} is never closed"],
  ["{{title}}{{/findings}}", "line 1: {{/findings}} closes nothing"],
  ["{{title}}{{#findings}}{{#stage}}{{/stage}}{{/findings}}", "sections do not nest"],
  ["{{title}} {{", "line 1: {{ is not a variable"],
  ["{{title}} }}", "line 1: }} is not a variable"],
  ["{{title}} {{}}", "line 1: {{}} is not a variable"],
  ["{{title}} {{{stage}}}", "is not a variable"],
  ["{{title}}\n{{> partial}}", "{{> partial}} is not a variable here"],
  ["{{title}} {{constructor}} {{__proto__}}", "{{constructor}} is not a variable here"],
])("%j is refused: %s", (template, fault) => {
  expect(templateFaults(template, words).join("; ")).toContain(fault);
});

test("a variable counts as said inside its own section", () => {
  expect(templateFaults("{{#title}}{{title}}{{/title}}", words)).toEqual([]);
});

test("every fault is told", () => {
  expect(templateFaults("{{a}} {{b}} {{b}}", words)).toHaveLength(3);
});

test("whatever a value holds, it stands in the text as it is", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      expect(fill("[{{title}}]", { title: value, stage: "expanded" })).toBe(`[${value}]`);
    }),
  );
  expect(fill("{{title}}", { title: "{{stage}}{{#stage}}", stage: "expanded" })).toBe("{{stage}}{{#stage}}");
});

test("any text at all is read without an end in sight being missed", () => {
  const piece = fc.constantFrom("{{", "}}", "#", "/", "title", " ", "\n", "{", "}", "x");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
      expect(templateFaults(pieces.join(""), words)).toBeInstanceOf(Array);
    }),
  );
});

test("a long template of braces is read at once", () => {
  const begun = performance.now();
  readTemplate("{".repeat(20_000));
  readTemplate("{{#".repeat(6_000));
  fill("{{title}}\n\nx", { title: "\n".repeat(50_000) });
  expect(performance.now() - begun).toBeLessThan(1_000);
});
