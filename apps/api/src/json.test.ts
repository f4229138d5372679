/** What of a body gets past the door. */
import { expect, test } from "vitest";
import { parseJson } from "./json.ts";

const parse = (text: string) => parseJson(Buffer.from(text));

test("ordinary JSON comes through as it is", () => {
  expect(parse('{"a":[1,"zwölf",null,{"b":true}]}')).toEqual({
    ok: true,
    value: { a: [1, "zwölf", null, { b: true }] },
  });
});

test("of two fields of the same name the last one counts", () => {
  expect(parse('{"a":1,"a":2}')).toEqual({ ok: true, value: { a: 2 } });
});

test("bytes that are not UTF-8 are refused", () => {
  const bytes = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
  expect(parseJson(bytes)).toMatchObject({ ok: false, problem: { code: "malformed_json" } });
});

test("what is not JSON is refused with the place, and without repeating it", () => {
  const refused = parse('{"password":"hunter2",}');
  expect(refused).toMatchObject({ ok: false, problem: { code: "malformed_json" } });
  expect(JSON.stringify(refused)).not.toContain("hunter2");
  expect(JSON.stringify(refused)).toContain("position 22");
});

test("a body as deep as it is long is refused and does not exhaust the stack", () => {
  const refused = { ok: false, problem: { code: "invalid_request" } };
  for (const depth of [65, 10_000, 150_000]) {
    expect(parse("[".repeat(depth) + "]".repeat(depth))).toMatchObject(refused);
    expect(parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`)).toMatchObject(refused);
  }
  expect(parse("[".repeat(64) + "]".repeat(64)).ok).toBe(true);
});

test("__proto__ is refused wherever it stands", () => {
  for (const text of ['{"__proto__":{"a":1}}', '{"a":[{"b":{"__proto__":null}}]}']) {
    expect(parse(text)).toMatchObject({ ok: false, problem: { detail: "A field must not be called __proto__." } });
  }
});

test("a number beyond all bounds is refused instead of becoming null later", () => {
  expect(parse('{"a":[1e999]}')).toMatchObject({ ok: false, problem: { code: "invalid_request" } });
});
