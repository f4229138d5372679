/** Holds what an attempt leaves against its contract: eight checks, every problem at once. Pure; what was read of the artifacts comes in as evidence. */
import type { Contract, ContractArtifact } from "./contract.ts";
import { fieldAt, partsOf, pointerOf } from "./field-path.ts";
import type { PacketDraft } from "./packet.ts";

/** One place where a document or packet does not match its schema: the pointer is into the document. */
export interface SchemaFault {
  pointer: string;
  detail: string;
}

/** What was read of an artifact that the contract looks into. */
export type DocumentEvidence =
  | { ok: true; value: unknown; schema_faults: readonly SchemaFault[] }
  | { ok: false; why: string };

/** An artifact of the attempt with what the store really holds of it. */
export interface ArtifactEvidence {
  id: string;
  name: string;
  media_type: string;
  size_bytes: number;
  /** SHA-256 in hex, as it was when it was put. */
  checksum: string;
  /** As read again just now: `intact`, other bytes than were put, or none. */
  stored: "intact" | "changed" | "missing";
  /** Null when nothing in the contract looks into it, or when its bytes could not be had. */
  document: DocumentEvidence | null;
}

export interface HandoffEvidence {
  contract: Contract;
  /** The contract under which the next stage works; null after the last. */
  next: Contract | null;
  packet: PacketDraft;
  /** What the contract's schema for packets says. */
  packet_faults: readonly SchemaFault[];
  /** The newest of each name. */
  artifacts: readonly ArtifactEvidence[];
}

export interface Violation {
  check: HandoffCheck;
  /** Where: `/artifacts/<name>/…` or `/packet/…`. */
  pointer: string;
  detail: string;
  severity: "error" | "warning";
}

type Found = Omit<Violation, "check">;
type CheckOf = (evidence: HandoffEvidence) => Found[];

/** In the order in which problems are told. */
export const HANDOFF_CHECKS = {
  required_artifacts_present,
  schemas_match,
  checksums_match,
  required_fields_present,
  types_right,
  no_missing_dependency,
  transfer_done,
  next_stage_can_start,
} as const satisfies Record<string, CheckOf>;
export type HandoffCheck = keyof typeof HANDOFF_CHECKS;

export function checkHandoff(evidence: HandoffEvidence): Violation[] {
  const checks = Object.entries(HANDOFF_CHECKS) as [HandoffCheck, CheckOf][];
  return checks.flatMap(([check, find]) => find(evidence).map((found) => ({ check, ...found })));
}

function required_artifacts_present({ contract, artifacts }: HandoffEvidence): Found[] {
  const there = new Set(artifacts.map(({ name }) => name));
  return contract.artifacts
    .filter(({ name, required }) => required && !there.has(name))
    .map((wanted) => ({
      ...problem(wanted, [], "is missing: put it before completing"),
      ...(contract.if_missing === "warn" && { severity: "warning" as const }),
    }));
}

function schemas_match(evidence: HandoffEvidence): Found[] {
  const ofArtifacts = readOnes(evidence).flatMap(({ wanted, document }) =>
    document.schema_faults.map(({ pointer, detail }) => problem(wanted, ["schema", ...partsBelow(pointer)], detail)),
  );
  const ofPacket = evidence.packet_faults.map(({ pointer, detail }) => inPacket(pointer, detail));
  return [...ofArtifacts, ...ofPacket];
}

/** Whatever the attempt left goes on, named by the contract or not: its bytes must be the ones that were put. */
function checksums_match({ contract, artifacts }: HandoffEvidence): Found[] {
  return artifacts
    .filter(({ stored }) => stored === "changed")
    .map(({ name }) => problem(wantedOf(contract, name), ["checksum"], "is not what was put: put it again"));
}

function required_fields_present(evidence: HandoffEvidence): Found[] {
  const ofArtifacts = readOnes(evidence).flatMap(({ wanted, document }) => [
    ...missing(document.value, wanted.required_fields).map((path) => problem(wanted, partsOf(path), "is missing")),
    ...coverageProblems(wanted, document.value, evidence.packet),
  ]);
  const ofPacket = missing(evidence.packet, evidence.contract.packet?.required_fields).map((path) =>
    inPacket(pointerOf(partsOf(path)), "is missing"),
  );
  return [...ofArtifacts, ...ofPacket];
}

function types_right({ contract, artifacts }: HandoffEvidence): Found[] {
  return present(contract, artifacts).flatMap(({ wanted, artifact: { media_type, document } }) => [
    ...(wanted.type === undefined || isOfType(media_type, wanted.type)
      ? []
      : [problem(wanted, ["type"], `is ${media_type}; the contract asks for ${wanted.type}`)]),
    ...(document === null || document.ok ? [] : [problem(wanted, ["format"], document.why)]),
  ]);
}

function no_missing_dependency({ contract, packet, artifacts }: HandoffEvidence): Found[] {
  const there = new Set(artifacts.map(({ name }) => name));
  const has = (needed: string) => (needed.startsWith("/") ? isThere(fieldAt(packet, needed)) : there.has(needed));
  return present(contract, artifacts).flatMap(({ wanted }) =>
    (wanted.depends_on ?? [])
      .filter((needed) => !has(needed))
      .map((needed) => problem(wanted, ["depends_on"], `refers to ${needed}, which is missing`)),
  );
}

function transfer_done({ contract, artifacts }: HandoffEvidence): Found[] {
  return artifacts
    .filter(({ stored }) => stored === "missing")
    .map(({ name }) => problem(wantedOf(contract, name), ["transfer"], "is not in the store: put it again"));
}

/** True of every agent alike: a commit, say, is asked for by a contract of the project's own, not of whoever pulls. */
function next_stage_can_start({ next, packet, artifacts }: HandoffEvidence): Found[] {
  if (next?.input === undefined) return [];
  const there = new Set(artifacts.map(({ name }) => name));
  const wanted = (next.input.artifacts ?? []).filter((name) => !there.has(name));
  return [
    ...wanted.map((name) => problem(named(name), [], "is missing: the next stage cannot start without it")),
    ...missing(packet, next.input.required_fields).map((path) =>
      inPacket(pointerOf(partsOf(path)), "is missing: the next stage cannot start without it"),
    ),
  ];
}

type Named = Pick<ContractArtifact, "name" | "critical">;

const named = (name: string): Named => ({ name, critical: true });

function wantedOf(contract: Contract, name: string): Named {
  return contract.artifacts.find((wanted) => wanted.name === name) ?? named(name);
}

function problem({ name, critical }: Named, parts: readonly string[], detail: string): Found {
  return { pointer: pointerOf(["artifacts", name, ...parts]), detail, severity: critical ? "error" : "warning" };
}

function inPacket(pointer: string, detail: string): Found {
  return { pointer: `/packet${pointer}`, detail, severity: "error" };
}

/** What the contract names and the attempt left, side by side. */
function present(contract: Contract, artifacts: readonly ArtifactEvidence[]) {
  return contract.artifacts.flatMap((wanted) => {
    const artifact = artifacts.find(({ name }) => name === wanted.name);
    return artifact === undefined ? [] : [{ wanted, artifact }];
  });
}

function readOnes({ contract, artifacts }: HandoffEvidence) {
  return present(contract, artifacts).flatMap(({ wanted, artifact: { document } }) =>
    document?.ok ? [{ wanted, document }] : [],
  );
}

function missing(value: unknown, paths: readonly string[] = []): string[] {
  return paths.filter((path) => !isThere(fieldAt(value, path)));
}

function isThere(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function coverageProblems(wanted: ContractArtifact, value: unknown, packet: PacketDraft): Found[] {
  const { minimum_test_coverage: least } = wanted;
  if (least === undefined) return [];
  const covered = coverageIn(value) ?? coverageIn(packet.output_metrics);
  if (covered !== null && covered >= least) return [];
  const said = covered === null ? "says nothing about coverage" : `says that ${covered} % is covered`;
  return [problem(wanted, ["minimum_test_coverage"], `${said}; the contract asks for ${least} %`)];
}

function coverageIn(value: unknown): number | null {
  const covered = fieldAt(value, "/coverage");
  return typeof covered === "number" ? covered : null;
}

function isOfType(media_type: string, wanted: string): boolean {
  const type = (media_type.split(";")[0] ?? "").trim().toLowerCase();
  const [family, kind] = wanted.toLowerCase().split("/");
  return kind === "*" ? type.startsWith(`${family}/`) : type === `${family}/${kind}`;
}

function partsBelow(pointer: string): string[] {
  return pointer === "" ? [] : partsOf(pointer);
}
