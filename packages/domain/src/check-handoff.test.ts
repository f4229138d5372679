/** Each of the eight checks finds what it is there for and nothing else, and all of them speak at once. */
import { expect, test } from "vitest";
import { type ArtifactEvidence, checkHandoff, HANDOFF_CHECKS, type HandoffEvidence } from "./check-handoff.ts";
import { Contract, type ContractArtifact, DEFAULT_CONTRACT } from "./contract.ts";
import { PacketDraft } from "./packet.ts";

const packet = PacketDraft.parse({ output_summary: "did it" });

/** An artifact as it should be: there, unchanged, holding `value`. */
function left(name: string, value: unknown = {}, more: Partial<ArtifactEvidence> = {}): ArtifactEvidence {
  return {
    ...{ id: `id-of-${name}`, name, media_type: "application/json", size_bytes: 2, checksum: "c".repeat(64) },
    ...{ stored: "intact", document: { ok: true, value, schema_faults: [] } },
    ...more,
  };
}

type Wanted = Partial<ContractArtifact> & { name: string };

function handoff(wanted: Wanted[], more: Partial<HandoffEvidence> = {}, contract: object = {}): HandoffEvidence {
  const parsed = Contract.parse({ artifacts: wanted, ...contract });
  return { contract: parsed, next: null, packet, packet_faults: [], artifacts: [], ...more };
}

const found = (evidence: HandoffEvidence) =>
  checkHandoff(evidence).map(({ check, pointer, severity }) => `${severity} ${check} ${pointer}`);

test("there are eight checks, and a handoff with nothing wrong passes them all", () => {
  expect(Object.keys(HANDOFF_CHECKS)).toHaveLength(8);
  const wanted = {
    name: "report",
    type: "application/json",
    required_fields: ["total"],
    depends_on: ["log", "/output_summary"],
  };
  const artifacts = [left("report", { total: 1 }), left("log"), left("extra", null, { document: null })];
  expect(found(handoff([wanted, { name: "log" }], { artifacts, next: DEFAULT_CONTRACT }))).toEqual([]);
});

test("a bare packet keeps the contract that ships with the product", () => {
  const artifacts: ArtifactEvidence[] = [];
  expect(found({ contract: DEFAULT_CONTRACT, next: DEFAULT_CONTRACT, packet, packet_faults: [], artifacts })).toEqual(
    [],
  );
});

test("a required artifact that is not there is missing; one that may be left out is not", () => {
  expect(found(handoff([{ name: "a" }, { name: "b", required: false }]))).toEqual([
    "error required_artifacts_present /artifacts/a",
  ]);
});

test("a contract may say that what is missing is only worth a warning", () => {
  expect(found(handoff([{ name: "a" }], {}, { if_missing: "warn" }))).toEqual([
    "warning required_artifacts_present /artifacts/a",
  ]);
  expect(found(handoff([{ name: "a" }], {}, { if_missing: "retry" }))).toEqual([
    "error required_artifacts_present /artifacts/a",
  ]);
});

test("each place where a document or the packet does not match its schema is told", () => {
  const schema_faults = [
    { pointer: "", detail: "must be object" },
    { pointer: "/totals/a~1b", detail: "must be number" },
  ];
  const artifacts = [left("report", 1, { document: { ok: true, value: 1, schema_faults } })];
  const packet_faults = [{ pointer: "/output_metrics/commit", detail: "must be string" }];
  expect(found(handoff([{ name: "report", schema: {} }], { artifacts, packet_faults }))).toEqual([
    "error schemas_match /artifacts/report/schema",
    "error schemas_match /artifacts/report/schema/totals/a~1b",
    "error schemas_match /packet/output_metrics/commit",
  ]);
});

test("other bytes than were put are found, also of an artifact that the contract does not name", () => {
  const broken = { stored: "changed", document: null } as const;
  expect(found(handoff([{ name: "a" }], { artifacts: [left("a", 0, broken), left("b/c", 0, broken)] }))).toEqual([
    "error checksums_match /artifacts/a/checksum",
    "error checksums_match /artifacts/b~1c/checksum",
  ]);
});

test("required fields are looked for by pointer or by dots, in the document and in the packet; null is not there", () => {
  const artifacts = [left("report", { totals: { "a/b": 0, empty: null }, list: [{ x: 1 }] })];
  const required_fields = ["/totals/a~1b", "totals.empty", "list.0.x", "list.1.x", "toString", "constructor.name"];
  expect(
    found(
      handoff(
        [{ name: "report", required_fields }],
        { artifacts },
        { packet: { required_fields: ["output_summary", "/output_metrics/commit"] } },
      ),
    ),
  ).toEqual([
    "error required_fields_present /artifacts/report/totals/empty",
    "error required_fields_present /artifacts/report/list/1/x",
    "error required_fields_present /artifacts/report/toString",
    "error required_fields_present /artifacts/report/constructor/name",
    "error required_fields_present /packet/output_metrics/commit",
  ]);
});

test("coverage is read from the document, else from the packet, and saying nothing is not enough", () => {
  const wanted = { name: "report", minimum_test_coverage: 80 };
  const place = "error required_fields_present /artifacts/report/minimum_test_coverage";
  const covered = (value: unknown, output_metrics = {}) =>
    found(handoff([wanted], { artifacts: [left("report", value)], packet: { ...packet, output_metrics } }));
  expect(covered({ coverage: 80 })).toEqual([]);
  expect(covered({ coverage: 79.9 }, { coverage: 100 })).toEqual([place]);
  expect(covered({ total: 3 }, { coverage: 80.5 })).toEqual([]);
  expect(covered({ total: 3 }, { coverage: "80.5" })).toEqual([place]);
});

test("the media type and the format must be the ones asked for", () => {
  const unreadable = { document: { ok: false, why: "is not JSON" } } as const;
  const artifacts = [left("a", 0, { media_type: "Text/Plain; charset=utf-8" }), left("b", 0, unreadable)];
  expect(
    found(
      handoff(
        [
          { name: "a", type: "text/*" },
          { name: "b", format: "json" },
        ],
        { artifacts },
      ),
    ),
  ).toEqual(["error types_right /artifacts/b/format"]);
  expect(found(handoff([{ name: "a", type: "text/html" }], { artifacts }))).toEqual([
    "error types_right /artifacts/a/type",
  ]);
});

test("what an artifact refers to must be there as well", () => {
  const wanted = [
    { name: "index", depends_on: ["pages", "/output_metrics/commit"] },
    { name: "pages", required: false },
  ];
  expect(found(handoff(wanted, { artifacts: [left("index")] }))).toEqual([
    "error no_missing_dependency /artifacts/index/depends_on",
    "error no_missing_dependency /artifacts/index/depends_on",
  ]);
});

test("a handoff is not done while its bytes are not in the store", () => {
  const artifacts = [left("a", 0, { stored: "missing", document: null })];
  expect(found(handoff([{ name: "a" }], { artifacts }))).toEqual(["error transfer_done /artifacts/a/transfer"]);
});

test("the next stage says in its own contract what it needs to begin", () => {
  const next = Contract.parse({ input: { artifacts: ["plan"], required_fields: ["/output_metrics/commit"] } });
  expect(found(handoff([], { next }))).toEqual([
    "error next_stage_can_start /artifacts/plan",
    "error next_stage_can_start /packet/output_metrics/commit",
  ]);
  const given = { artifacts: [left("plan")], packet: { ...packet, output_metrics: { commit: "abc" } } };
  expect(found(handoff([], { next, ...given }))).toEqual([]);
});

test("whatever is wrong with an artifact that is not critical is a warning, and everything is said at once", () => {
  const wanted = [
    { name: "notes", critical: false, type: "text/markdown", required_fields: ["title"] },
    { name: "report" },
    { name: "draft", critical: false },
  ];
  expect(found(handoff(wanted, { artifacts: [left("notes")] }))).toEqual([
    "error required_artifacts_present /artifacts/report",
    "warning required_artifacts_present /artifacts/draft",
    "warning required_fields_present /artifacts/notes/title",
    "warning types_right /artifacts/notes/type",
  ]);
});
