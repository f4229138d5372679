/** The examining thread against honest, wrong and hostile schemas and documents: it says what is wrong, in time, and lives on. */
import { afterAll, expect, test } from "vitest";
import { openExaminer } from "./examiner.ts";

const examiner = openExaminer();
afterAll(() => examiner.close());

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string, how: object = {}) => examiner.read({ bytes: bytes(text), ...how });

const TOTALS = {
  ...{ $schema: "https://json-schema.org/draft/2020-12/schema", type: "object", required: ["total"] },
  properties: { total: { type: "integer", minimum: 0 }, name: { type: "string", pattern: "^[a-z]+$" } },
  unevaluatedProperties: false,
};

test("a good schema is fine, and every place where a value does not match it is told", async () => {
  expect(await examiner.checkSchema(TOTALS)).toEqual([]);
  expect(await examiner.validate(TOTALS, { total: 3, name: "a" })).toEqual([]);
  expect(await examiner.validate(TOTALS, { total: -1, name: "A", more: 1 })).toEqual([
    { pointer: "/total", detail: "must be >= 0" },
    { pointer: "/name", detail: 'must match pattern "^[a-z]+$"' },
    { pointer: "", detail: "must NOT have unevaluated properties: more" },
  ]);
  expect(await examiner.validate(TOTALS, {})).toEqual([{ pointer: "", detail: "must have required property 'total'" }]);
});

test("formats and the words of the 2020-12 draft are known", async () => {
  const schema = { prefixItems: [{ format: "date-time" }, { format: "uuid" }], items: false, $defs: {} };
  expect(await examiner.checkSchema(schema)).toEqual([]);
  expect(await examiner.validate(schema, ["yesterday", "x"])).toHaveLength(2);
});

test.each([
  [{ type: "strnig" }, /^\/type /],
  [{ minimum: "3" }, /^\/minimum /],
  [{ requird: ["a"] }, /unknown keyword: "requird"/],
  [{ format: "shoe-size" }, /unknown format "shoe-size"/],
  [{ $ref: "https://example.com/schema.json" }, /must point into this schema/],
  [{ allOf: [{ $ref: "#" }] }, /for ever/],
  [{ pattern: "(" }, /./],
  [{ pattern: "(?=a)b" }, /./],
  [{ pattern: "(a)\\1" }, /./],
  [{ pattern: "(a{900}){900}" }, /./],
  [{ $id: "https://json-schema.org/draft/2020-12/schema" }, /./],
])("the schema %j is refused", async (schema, why) => {
  const faults = await examiner.checkSchema(schema);
  expect(faults.map(({ pointer, detail }) => `${pointer} ${detail}`).join("\n")).toMatch(why);
});

test("patterns that take other engines years take no time, and two patterns are not mistaken for each other", async () => {
  const schema = {
    properties: { a: { pattern: "^(a+)+$" }, b: { pattern: "^b$" }, c: { pattern: "^\\u00e9\\/\\d$" } },
  };
  const began = performance.now();
  const faults = await examiner.validate(schema, { a: `${"a".repeat(5_000)}!`, b: "b", c: "é/5" });
  expect(faults).toEqual([{ pointer: "/a", detail: 'must match pattern "^(a+)+$"' }]);
  expect(performance.now() - began).toBeLessThan(2_500);
});

test("an $id used twice means nothing to the other schema", async () => {
  const $id = "https://example.com/same";
  expect(await examiner.validate({ $id, type: "string" }, 5)).toHaveLength(1);
  expect(await examiner.validate({ $id, type: "number" }, 5)).toEqual([]);
});

test("a schema whose validation doubles at each step ends with its thread, and the next job is answered", async () => {
  const $defs = Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [
      `d${at}`,
      at === 59 ? { type: "string" } : { allOf: [{ $ref: `#/$defs/d${at + 1}` }, { $ref: `#/$defs/d${at + 1}` }] },
    ]),
  );
  const hasty = openExaminer({ deadline_ms: 500 });
  const slow = hasty.validate({ $defs, $ref: "#/$defs/d0" }, 5);
  const next = hasty.validate({ type: "string" }, 5);
  expect(await slow).toEqual([{ pointer: "", detail: "takes longer than 0.5 s to look at" }]);
  expect(await next).toEqual([{ pointer: "", detail: "must be string" }]);
  await hasty.close();
});

test("a document is read in its format and held against its schema", async () => {
  expect(await read('{"total": 3}', { schema: TOTALS })).toEqual({ ok: true, value: { total: 3 }, schema_faults: [] });
  expect(await read("total: -3", { format: "yaml", schema: TOTALS })).toMatchObject({
    schema_faults: [{ pointer: "/total" }],
  });
  const xml = '<testsuite><testcase name="a"/><testcase name="b"><failure/></testcase></testsuite>';
  const passed = { schema: { properties: { failed: { const: 0 } } } };
  expect(await read(xml, { format: "junit_xml", ...passed })).toMatchObject({
    ok: true,
    value: { total: 2, passed: 1, failed: 1 },
    schema_faults: [{ pointer: "/failed", detail: "must be equal to constant" }],
  });
});

test("a transformer reads what its format says, and a missing one is said to be missing", async () => {
  expect(await read("a: 1", { format: "yaml", transform: "yaml_to_json" })).toMatchObject({ value: { a: 1 } });
  expect(await read("{", { format: "json", transform: "json_to_yaml" })).toMatchObject({ ok: false });
  expect(await read("a", { transform: "docx_to_json" })).toMatchObject({
    ok: false,
    why: expect.stringContaining("there is no transformer docx_to_json; there are json_to_yaml"),
  });
});

test("bytes that are no text, and text that is not the format, are refused with a reason", async () => {
  expect(await examiner.read({ bytes: Uint8Array.of(0x22, 0xe4, 0x22) })).toEqual({ ok: false, why: "is not UTF-8" });
  expect(await read("{")).toMatchObject({ ok: false, why: expect.stringContaining("is not JSON") });
  expect(await read("[".repeat(3_000_000))).toMatchObject({ ok: false });
});

test("a schema that went bad in the store is a fault of the value: nothing passes unseen", async () => {
  expect(await examiner.validate({ $ref: "http://x" }, 5)).toMatchObject([
    { detail: expect.stringContaining("the schema cannot be used") },
  ]);
});
