/** Proofs: evidence that work was done, from agents, from people and from the line itself. Their shapes, and the few lines that the next agent reads of them; `proof-kind.ts` guesses what a file is. */
import type { Stage } from "./stages.ts";
import { cutText, text } from "./text.ts";

export const PROOF_KINDS = ["screenshot", "log", "report", "test_result", "code_diff", "other"] as const;
export type ProofKind = (typeof PROOF_KINDS)[number];

export const PROOF_SOURCES = ["line", "agent", "person"] as const;
export type ProofSource = (typeof PROOF_SOURCES)[number];

/** One line for people and agents. */
export const ProofSummary = text(500).refine(
  (value) => !BREAKING.test(value),
  "must be one line without control characters",
);

/** What a program printed, as a summary; `otherwise` where it printed nothing. */
export function asSummary(printed: string, otherwise: string): string {
  return cutText(oneLine(printed), 500) || otherwise;
}

/** How many proofs a task may have. */
export const PROOFS_MAX = 1_000;

/** In tokens: what a claim tells of earlier proofs. */
export const CONTEXT_BUDGET = 1_000;

/** Evidence as the line gathers it, before it is kept. */
export interface LeftProof {
  kind: ProofKind;
  name: string;
  summary: string;
  media_type: string;
  content: Uint8Array;
}

/** What a line of context is made of. */
export interface ContextProof {
  id: string;
  kind: ProofKind;
  stage: Stage | null;
  visit: number | null;
  summary: string;
  name: string;
  size_bytes: number;
  /** Where lines of several tasks stand together. */
  task_id?: string;
}

/** Control characters, line ends, and marks that turn the direction of what follows. */
const BREAKING = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const BREAKINGS = new RegExp(`(${BREAKING.source}|\\s)+`, "gu");

/**
 * One line each, `<kind> <stage> v<visit>: <summary> (<name>, <size>, <end of the id>)` (with several tasks, the end of the task's id before the colon), in the order given, for as long
 * as all of them together stay within `token_budget`. A line is there as a whole or not at all.
 */
export function contextLines(proofs: readonly ContextProof[], token_budget: number): string[] {
  const lines: string[] = [];
  let bytes = 0;
  for (const proof of proofs) {
    const line = contextLine(proof);
    bytes += utf8Bytes(line) + (lines.length > 0 ? 1 : 0);
    if (tokensOf(bytes) > token_budget) break;
    lines.push(line);
  }
  return lines;
}

/** An estimate that needs no tokenizer: four bytes a token. */
function tokensOf(bytes: number): number {
  return Math.ceil(bytes / 4);
}

function contextLine({ id, kind, stage, visit, summary, name, size_bytes, task_id }: ContextProof): string {
  const task = task_id === undefined ? null : `of task ${task_id.slice(-ID_END)}`;
  const head = [kind, stage, visit === null ? null : `v${visit}`, task].filter((word) => word !== null).join(" ");
  return `${head}: ${oneLine(summary)} (${oneLine(name)}, ${sizeText(size_bytes)}, ${id.slice(-ID_END)})`;
}

/** Ids begin with the time they were made at: their ends tell them apart. */
const ID_END = 8;

function oneLine(value: string): string {
  return value.toWellFormed().replace(BREAKINGS, " ").trim();
}

const encoder = new TextEncoder();

function utf8Bytes(value: string): number {
  return encoder.encode(value).length;
}

const UNITS = ["B", "KB", "MB", "GB"] as const;

/** `999 B`, `1.5 KB`, `64 MB`: three digits, steps of 1,024. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (unit < UNITS.length - 1 && Math.round(value) >= 1_000) {
    value /= 1_024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 9.95 ? 0 : 1;
  return `${Number(value.toFixed(digits))} ${UNITS[unit]}`;
}
