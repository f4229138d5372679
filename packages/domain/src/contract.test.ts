/** The shape of a contract: what is filled in, and which slips of the pen are found when it is saved. */
import { expect, test } from "vitest";
import { CONTRACT_EDGES, Contract, DEFAULT_CONTRACT, PRODUCT_CONTRACT, SCHEMA_MAX_DEPTH } from "./contract.ts";
import { contractLines } from "./contract-text.ts";

const faults = (contract: object) =>
  Contract.safeParse(contract).error?.issues.map(({ path, message }) => `/${path.join("/")} ${message}`) ?? [];

test("there is a contract for each of the four handoffs of the line", () => {
  expect(CONTRACT_EDGES.map(({ from, to }) => `${from} ${to}`)).toEqual([
    "dev qa",
    "qa sec",
    "sec docs",
    "docs complete",
  ]);
});

test("an empty contract asks for nothing; an artifact that is named is required and critical", () => {
  expect(Contract.parse({})).toEqual({ artifacts: [], if_missing: "fail" });
  expect(Contract.parse({ artifacts: [{ name: "a" }] }).artifacts).toEqual([
    { name: "a", required: true, critical: true },
  ]);
  expect(Contract.parse(DEFAULT_CONTRACT)).toEqual(DEFAULT_CONTRACT);
});

test.each([
  [{ artifacts: [{ name: "a" }, { name: "a" }] }, /^\/artifacts\/1\/name is named twice/],
  [{ artifacts: [{ name: "a", depends_on: ["b"] }] }, /^\/artifacts\/0\/depends_on\/0 is neither/],
  [{ artifacts: [{ name: "a", depends_on: ["a"] }] }, /^\/artifacts\/0\/depends_on\/0 is neither/],
  [{ artifacts: [{ name: "a", type: "json" }] }, /^\/artifacts\/0\/type must be a media type/],
  [{ artifacts: [{ name: "a", transform: "yaml" }] }, /^\/artifacts\/0\/transform must be the name/],
  [{ artifacts: [{ name: "a", format: "docx" }] }, /^\/artifacts\/0\/format /],
  [{ artifacts: [{ name: "a", minimum_test_coverage: 101 }] }, /^\/artifacts\/0\/minimum_test_coverage /],
  [{ artifacts: [{ name: "a\0" }] }, /^\/artifacts\/0\/name /],
  [{ artifacts: [{ name: "a", schema: { const: "\ud800" } }] }, /^\/artifacts\/0\/schema .*Unicode/],
  [{ packet: { schema: nested(SCHEMA_MAX_DEPTH + 1) } }, /^\/packet\/schema .*deeper than 32/],
  [{ timeout_minutes: 0 }, /^\/timeout_minutes /],
  [{ if_missing: "ignore" }, /^\/if_missing /],
  [{ surprise: 1 }, /surprise/],
])("%j is refused with its place", (contract, said) => {
  expect(faults(contract).join("\n")).toMatch(said);
});

function nested(depth: number): object {
  return depth === 0 ? {} : { not: nested(depth - 1) };
}

test("a prompt says what a project asks for, and says nothing of what everybody leaves anyway", () => {
  expect(contractLines(PRODUCT_CONTRACT)).toEqual([]);
  const definition = Contract.parse({
    artifacts: [
      { name: "report.json", format: "json", required_fields: ["total"], minimum_test_coverage: 80 },
      { name: "notes.md", required: false, critical: false, type: "text/markdown", schema: { type: "string" } },
    ],
    packet: { required_fields: ["/output_metrics/commit"], schema: { type: "object" } },
  });
  expect(contractLines({ id: "x", version: 2, definition })).toEqual([
    "the artifact report.json: json; with the fields total; coverage of at least 80 %",
    'the artifact notes.md: may be left out; not critical; text/markdown; matching the JSON Schema {"type":"string"}',
    "in the packet: /output_metrics/commit",
    'a packet matching the JSON Schema {"type":"object"}',
  ]);
});
