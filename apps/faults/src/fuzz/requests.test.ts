/** What is generated is good enough to get deep, bad enough to be worth sending, and the same for the same seed. */
import { ROUTES, type Route } from "@baton/domain/api";
import fc from "fast-check";
import { expect, test } from "vitest";
import { inAHurry, spoiling, spoilt, textOf, Verbatim } from "./hostile.ts";
import { faultOf } from "./judge.ts";
import { inLanes } from "./lanes.ts";
import { knownIn, type Pool } from "./pool.ts";
import { anyRequest } from "./requests.ts";
import { shapeOf, valid } from "./valid.ts";

const ID = "019a0000-0000-7000-8000-000000000001";
const KINDS = ["projects", "features", "runs", "tasks", "leases", "tokens", "handoffs", "artifacts", "plans", "proofs"];
const pool: Pool = {
  tokens: { admin: "a", producer: "p", agent: "g" },
  ids: Object.fromEntries(KINDS.map((kind) => [kind, [ID]])) as Pool["ids"],
  refill: async () => {},
};

const all = Object.entries<Route>(ROUTES);

test.each(all)("of what is made for %s, its schemas take some", (_, route) => {
  for (const schema of [route.params, route.query, route.body]) {
    if (schema === undefined) continue;
    const made = fc.sample(valid(shapeOf(schema), knownIn(pool, "tasks")), { numRuns: 60, seed: 7 });
    expect(made.filter((one) => schema.safeParse(one).success).length).toBeGreaterThan(5);
  }
});

test("requests go to every route, to the door of MCP clients and to nobody, and the same ones for the same seed", () => {
  const sample = () => fc.sample(anyRequest(pool, [{ name: "status", inputSchema: {} }]), { numRuns: 3_000, seed: 3 });
  const asked = sample();
  expect(new Set(asked.map(({ route }) => route))).toEqual(new Set([...Object.keys(ROUTES), "mcp", null]));
  expect(sample()[1_234]).toEqual(asked[1_234]);
  expect(asked.every(({ path }) => /^[\x21-\xff]+$/.test(path))).toBe(true);
});

test("a spoilt value differs from the good one in the part that was chosen", () => {
  const good = { a: [1, 2], b: "x" };
  const put = (at: number) => textOf(spoilt(good, { at, how: "", do: () => new Verbatim("1e999") }));
  expect(put(0)).toBe("1e999");
  expect(put(1)).toBe('{"a":1e999,"b":"x"}');
  expect(put(3)).toBe('{"a":[1,1e999],"b":"x"}');
  expect(put(4)).toBe('{"a":[1,2],"b":1e999}');
  expect(put(5)).toBe(put(0));
});

test("bad values are of every kind there is", () => {
  const texts = fc.sample(spoiling, { numRuns: 6_000, seed: 1 }).map((one) => textOf(spoilt({ good: 1 }, one)));
  const longest = Math.max(...texts.map((text) => text.length));
  expect(longest).toBeGreaterThan(10_000_000);
  for (const bad of ['"__proto__"', "1e999", "\\u0000", "\\ud800", "[[[[[[[["]) {
    expect(
      texts.some((text) => text.includes(bad)),
      bad,
    ).toBe(true);
  }
  expect(texts.some((text) => text === '{"good":1,"good":"the other"}')).toBe(true);
});

test("no claim waits", () => {
  const claim = { claim_id: "c", stages: ["dev"], agent: { id: "a" }, wait_s: 30 };
  expect(JSON.parse(textOf(inAHurry(claim)))).toEqual({ ...claim, wait_s: 0 });
  const door = { params: { arguments: { stages: ["dev"], agent: { id: "a" } } } };
  expect(textOf(inAHurry(door))).toContain('"wait_s":0');
});

const heard = (status: number, body: unknown, type = "application/problem+json") => ({
  ...{ status, ms: 1, headers: { "content-type": type } },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const problem = { type: "/x", title: "x", status: 404, detail: "x", code: "not_found" };

test("an answer is judged by its status, its shape and what it tells", () => {
  expect(faultOf("getRun", "GET", heard(404, problem))).toBeNull();
  expect(faultOf("getRun", "GET", heard(500, problem))).toContain("500");
  expect(faultOf("getRun", "GET", heard(404, { ...problem, stack: "x" }))).toContain("no problem");
  expect(faultOf("getRun", "GET", heard(404, { ...problem, detail: "x\n  at f (a.ts:1)" }))).toContain("inside");
  expect(faultOf("getRun", "GET", heard(400, problem))).toContain("says 404");
  expect(faultOf("getRun", "GET", heard(404, "<h1>no</h1>", "text/html"))).toContain("problem+json");
  expect(faultOf("getRun", "GET", heard(200, { run: {} }))).toContain("schema");
  expect(faultOf("getRun", "GET", heard(201, {}))).toContain("does not promise");
  expect(faultOf("logout", "POST", heard(204, ""))).toBeNull();
});

test("a case that fails is told with its seed, as small as it can be", async () => {
  const effort = { lanes: 2, seed: 5, cases: 200 };
  const { failures, cases } = await inLanes(
    effort,
    () => fc.nat(1_000),
    async (n) => (n < 100 ? null : "too large"),
  );
  expect(failures).toHaveLength(2);
  expect(failures[0]).toMatch(/too large[\s\S]*seed 5[\s\S]*\b100$/);
  expect(cases).toBeGreaterThan(2);
  const good = await inLanes(
    effort,
    () => fc.nat(),
    async () => null,
  );
  expect(good).toEqual({ failures: [], cases: 200 });
});
