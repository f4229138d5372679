/** What can be wrong with a JSON value, part by part: the parts of a good one are replaced, left out, doubled and buried. Text that no `JSON.stringify` would write is written too. */
import fc from "fast-check";

/** Stands in a value as it will stand in the text. */
export class Verbatim {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** An object by its entries: names may come twice, and `__proto__` is a name like any other. */
class Entries {
  readonly list: readonly (readonly [string, unknown])[];

  constructor(list: readonly (readonly [string, unknown])[]) {
    this.list = list;
  }
}

export function textOf(value: unknown): string {
  if (value instanceof Verbatim) return value.text;
  if (Array.isArray(value)) return `[${value.map(textOf).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  return `{${entriesOf(value)
    .map(([name, one]) => `${JSON.stringify(name)}:${textOf(one)}`)
    .join(",")}}`;
}

const entriesOf = (value: object) => (value instanceof Entries ? value.list : Object.entries(value));

const deep = (open: string, depth: number, close: string) =>
  new Verbatim(`${open.repeat(depth)}1${close.repeat(depth)}`);

/** Each with a name under which a failure is told. */
const VALUES: Record<string, unknown> = {
  ...{ nothing: null, yes: true, minus_one: -1, half: 0.1, minus_zero: new Verbatim("-0"), tiny: 1e-300 },
  ...{ int32: 2 ** 31, beyond_exact: 2 ** 53, int64: new Verbatim("9223372036854775808"), huge_number: 1e308 },
  ...{ infinite: new Verbatim("1e999"), many_digits: new Verbatim("1".repeat(2_000)), no_number: new Verbatim("NaN") },
  ...{ empty: "", blank: " ", nul: "\0", nul_within: "a\0b", lone_high: "a\ud800b", lone_low: "\udfff" },
  ...{
    lines: "a\r\nb: c",
    backwards: "\u202egnirts",
    sql: "'; drop table tasks; --",
    script: "<script>alert(1)</script>",
  },
  ...{ climbing: "../../../etc/passwd", template: "${7*7}{{task}}%s%n", number_text: "1e9", words: "true" },
  ...{ spaces: " \t\n".repeat(20_000), marks: "\u0301".repeat(5_000), long: "x".repeat(60_000) },
  ...{ dots: `${"a.".repeat(30_000)}!`, dashes: `${"a-".repeat(30_000)}\n`, a_then_bang: `${"a".repeat(50_000)}!` },
  ...{
    zeros: `${"0".repeat(50_000)}x`,
    date_like: `2026-01-01T00:00:00${".0".repeat(20_000)}Z`,
    slashes: "/".repeat(50_000),
  },
  ...{ uuid_like: "00000000-0000-0000-0000-00000000000g", nil: "00000000-0000-0000-0000-000000000000" },
  ...{ year_10000: "+010000-01-01T00:00:00Z", year_zero: "0000-01-01T00:00:00Z", leap: "2026-02-29T24:00:60Z" },
  ...{ list: [], object: {}, lists: [[[[]]]], wide_list: Array(3_000).fill("x"), wide_objects: Array(3_000).fill({}) },
  ...{ inherited: { constructor: { prototype: { admin: true } } }, to_string: { toString: 1, valueOf: null } },
  ...{ lists_70: deep("[", 70, "]"), lists_10000: deep("[", 10_000, "]"), objects_10000: deep('{"a":', 10_000, "}") },
  ...{
    evil_pattern: { type: "string", pattern: "^(a+)+$" },
    evil_reference: { $ref: "#" },
    far: { $ref: "http://127.0.0.1:1/x" },
  },
};

/** A text of 10 MB comes seldom: it takes its time on the way. */
const HUGE = { ten_megabytes: "x".repeat(10_000_000), one_megabyte: "é".repeat(520_000) };

const NAMES = [
  "colour",
  "__proto__",
  "constructor",
  "toString",
  "a/b~c",
  "",
  "\0",
  "id",
  "workspace_id",
  "x".repeat(5_000),
];

/** One thing done to one part of a value, chosen by its number. */
export interface Spoiling {
  at: number;
  how: string;
  do: (part: unknown) => unknown;
}

const GONE = Symbol("gone");

const replaced = (values: Record<string, unknown>) =>
  fc.constantFrom(...Object.keys(values)).map((how) => ({ how, do: () => values[how] }));

const named = (how: string, act: (part: unknown) => unknown) => fc.constant({ how, do: act });

const withEntry = (part: unknown, name: string, value: unknown) =>
  new Entries([...(isObject(part) ? entriesOf(part) : []), [name, value]]);

const how: fc.Arbitrary<Omit<Spoiling, "at">> = fc.oneof(
  { weight: 300, arbitrary: replaced(VALUES) },
  { weight: 40, arbitrary: named("left out", () => GONE) },
  {
    weight: 60,
    arbitrary: fc
      .constantFrom(...NAMES)
      .map((name) => ({ how: `with ${name.slice(0, 20)}`, do: (part: unknown) => withEntry(part, name, 1) })),
  },
  { weight: 30, arbitrary: named("its first field twice", twice) },
  { weight: 20, arbitrary: named("in a list", (part) => [part]) },
  { weight: 20, arbitrary: named("as text", (part) => textOf(part)) },
  {
    weight: 30,
    arbitrary: fc.string({ unit: "binary", maxLength: 30 }).map((text) => ({ how: "any text", do: () => text })),
  },
  { weight: 30, arbitrary: fc.jsonValue({ maxDepth: 3 }).map((value) => ({ how: "any value", do: () => value })) },
  { weight: 1, arbitrary: replaced(HUGE) },
);

export const spoiling: fc.Arbitrary<Spoiling> = fc
  .record({ at: fc.nat(10_000), how })
  .map(({ at, how: one }) => ({ at, ...one }));

function twice(part: unknown): unknown {
  const [first] = isObject(part) ? entriesOf(part) : [];
  return first === undefined ? GONE : new Entries([...entriesOf(part as object), [first[0], "the other"]]);
}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Verbatim);

/** The value with one of its parts (the whole is one of them) spoiled. */
export function spoilt(value: unknown, { at, do: act }: Spoiling): unknown {
  const whole = replaceNth(value, at % sizeOf(value), act);
  return whole === GONE ? new Verbatim("") : whole;
}

function sizeOf(value: unknown): number {
  return childrenOf(value).reduce((sum, [, one]) => sum + sizeOf(one), 1);
}

function childrenOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((one, at) => [String(at), one] as const);
  return isObject(value) ? entriesOf(value) : [];
}

function replaceNth(value: unknown, n: number, act: (part: unknown) => unknown): unknown {
  if (n === 0) return act(value);
  let before = 1;
  const children = childrenOf(value).map(([name, one]) => {
    const size = sizeOf(one);
    const within = n >= before && n < before + size;
    const kept = within ? replaceNth(one, n - before, act) : one;
    before += size;
    return [name, kept] as const;
  });
  const left = children.filter(([, one]) => one !== GONE);
  return Array.isArray(value) ? left.map(([, one]) => one) : new Entries(left);
}

/** Nobody has to wait for an answer: a claim that may wait does not. */
export function inAHurry(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inAHurry);
  if (!isObject(value)) return value;
  const hurried = entriesOf(value).map(([name, one]) => [name, waits(name, one) ? 0 : inAHurry(one)] as const);
  const has = (wanted: string) => hurried.some(([name]) => name === wanted);
  return new Entries(has("stages") && has("agent") && !has("wait_s") ? [...hurried, ["wait_s", 0]] : hurried);
}

const waits = (name: string, value: unknown) =>
  name === "wait_s" && typeof value === "number" && value > 0 && value <= 60;
