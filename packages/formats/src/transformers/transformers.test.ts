/** Every transformer on good documents, there and back where there is a way back, and on hostile ones. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { readDocument, TRANSFORMER_NAMES, transform } from "./registry.ts";

const json = fc
  .jsonValue()
  .filter((value) => !JSON.stringify(value).includes("__proto__"))
  // JSON has one zero.
  .map((value) => JSON.parse(JSON.stringify(value)) as unknown);

async function through(name: string, text: string): Promise<unknown> {
  const read = await transform(name, text);
  if (!read.ok) throw new Error(`${name}: ${read.why}: ${text}`);
  return read.value;
}

async function refusal(name: string, text: string): Promise<string> {
  const read = await transform(name, text);
  return read.ok ? "" : read.why;
}

test("the name of each says from what to what", () => {
  expect(TRANSFORMER_NAMES.length).toBeGreaterThanOrEqual(7);
  for (const name of TRANSFORMER_NAMES) expect(name).toMatch(/^[a-z]+(_[a-z]+)*_to_[a-z]+(_[a-z]+)*$/);
});

test.each(["__proto__", "constructor", "json_to_docx"])(
  "there is no transformer %s, and it says which there are",
  async (name) => {
    expect(await refusal(name, "{}")).toContain(
      `there is no transformer ${name}; there are json_to_yaml, yaml_to_json`,
    );
  },
);

test("any JSON goes to YAML and back unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(json, async (value) => {
      const yaml = await through("json_to_yaml", JSON.stringify(value));
      expect(await through("yaml_to_json", String(yaml))).toEqual(value);
    }),
  );
});

test("any front matter and body go to markdown and back unchanged", async () => {
  const front_matter = fc.dictionary(fc.string(), json).filter((map) => !Object.hasOwn(map, "__proto__"));
  await fc.assert(
    fc.asyncProperty(front_matter, fc.string(), async (front, body) => {
      const document = { front_matter: front, body };
      const markdown = await through("json_to_markdown_front_matter", JSON.stringify(document));
      expect(await through("markdown_front_matter_to_json", String(markdown))).toEqual({
        front_matter: JSON.parse(JSON.stringify(front)),
        body,
      });
    }),
  );
});

test("markdown as people write it gives its front matter and its body", async () => {
  const text = "---\r\ntitle: A plan\r\ntags: [a, b]\r\n---\r\n# A plan\n\n---\nthe end";
  expect(await through("markdown_front_matter_to_json", text)).toEqual({
    front_matter: { title: "A plan", tags: ["a", "b"] },
    body: "# A plan\n\n---\nthe end",
  });
  expect(await through("markdown_front_matter_to_json", "---\n---\n")).toEqual({ front_matter: {}, body: "" });
});

test.each([
  ["# no front matter", /does not begin/],
  ["---\na: 1\n", /no second line/],
  ["---\n- a\n---\n", /not a map/],
  ["---\na: [\n---\n", /front matter is not YAML/],
])("%j is not markdown with front matter", async (text, why) => {
  expect(await refusal("markdown_front_matter_to_json", text)).toMatch(why);
});

test("reports become counts, findings and coverage, with their paths as they stand", async () => {
  const xml = '<testsuite><testcase name="a"/><testcase name="b" file="/abs/b.ts"><failure/></testcase></testsuite>';
  expect(await through("junit_xml_to_test_results", xml)).toMatchObject({
    ...{ total: 2, passed: 1, failed: 1, skipped: 0 },
    findings: [{ title: "test fails: b", file: "/abs/b.ts" }],
  });
  const physicalLocation = { artifactLocation: { uri: "src/a.ts" } };
  const result = { ruleId: "r", level: "error", message: { text: "m" }, locations: [{ physicalLocation }] };
  const sarif = { version: "2.1.0", runs: [{ tool: { driver: {} }, results: [result] }] };
  expect(await through("sarif_to_findings", JSON.stringify(sarif))).toMatchObject({
    findings: [{ kind: "vulnerability", severity: "high", file: "src/a.ts" }],
  });
  expect(await through("coverage_summary_to_coverage", '{"total":{"lines":{"pct":93.5}}}')).toEqual({ coverage: 93.5 });
});

const BOMB = [
  "a: &a [x, x, x, x, x, x, x, x, x]",
  ..."bcdefghi".split("").map((key, at) => {
    const before = "abcdefgh"[at];
    return `${key}: &${key} [${Array(9).fill(`*${before}`).join(", ")}]`;
  }),
].join("\n");

test.each([
  [BOMB, /alias/i],
  ["a: 1\na: 2", /unique/i],
  ["--- 1\n--- 2", /document/i],
  ["a: !!js/function 'x'", /tag/i],
  ["a: !custom 1", /tag/i],
  ["a: .nan", /JSON does not have/],
  ["a: .inf", /JSON does not have/],
  ["__proto__: {polluted: 1}", /__proto__/],
  ["a: {__proto__: {polluted: 1}}", /__proto__/],
  ["a: [", /not YAML/],
  ["[".repeat(20_000), /nested too deeply|not YAML/],
  [`${"[".repeat(2_000)}${"]".repeat(2_000)}`, /nested too deeply/],
  ["*a", /not YAML/],
])("hostile YAML %# is refused", async (text, why) => {
  expect(await refusal("yaml_to_json", text)).toMatch(why);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test("dates, words and old numbers of YAML stay what they say", async () => {
  expect(await through("yaml_to_json", "d: 2026-01-01\ny: yes\nn: no\no: 0o17\nb: 0b1\nx: 1_000")).toEqual({
    ...{ d: "2026-01-01", y: "yes", n: "no", o: 15, b: "0b1", x: "1_000" },
  });
});

test.each([
  ["junit_xml_to_test_results", '<!DOCTYPE x [<!ENTITY a "b">]><testsuites><testsuite name="&a;"/></testsuites>'],
  ["junit_xml_to_test_results", '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><testsuite name="&a;"/>'],
  ["sarif_to_findings", '{"version":"2.1.0","runs":[{"__proto__":{}}]}'],
  ["coverage_summary_to_coverage", '{"total":{"lines":{"pct":1000}}}'],
  ["json_to_yaml", '{"__proto__":{"a":1}}'],
  ["json_to_markdown_front_matter", '{"front_matter":[],"body":""}'],
])("%s refuses %s", async (name, text) => {
  expect(await refusal(name, text)).not.toBe("");
});

test("a format is read as its transformer reads it", async () => {
  expect(await readDocument("coverage_summary", '{"total":{"lines":{"pct":5}}}')).toEqual({
    ok: true,
    value: { coverage: 5 },
  });
  expect(await readDocument("json", "3")).toEqual({ ok: true, value: 3 });
});
