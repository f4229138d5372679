/** The packet of an agent that wrote no handoff.json: made of its last words, the diff and what was measured. Nothing in it is invented; what nobody told is null. */
import { artifactsFromDiff, type FileChange } from "./artifact-kinds.ts";
import { decisionsIn } from "./extract-decisions.ts";
import { sectionOf } from "./extract-section.ts";
import type { Usage } from "./outcomes.ts";
import type { LogEntry, PacketDraft } from "./packet.ts";
import { cutText } from "./text.ts";

export interface Milestone {
  /** ISO 8601, when it was seen. */
  at: string;
  text: string;
}

export interface Extraction {
  /** What the agent said last: its final message, or the end of what it printed. */
  final_text: string;
  files: readonly FileChange[];
  /** ISO 8601, by the clock of the machine that ran the agent. */
  started_at: string;
  ended_at: string;
  milestones: readonly Milestone[];
  /** As far as the agent's output format tells. */
  usage: Usage;
  /** Null when it was ended by a signal. */
  exit_code: number | null;
}

export interface Extracted {
  packet: PacketDraft;
  duration_ms: number;
  tokens_in: number | null;
  tokens_out: number | null;
  /** USD, six digits. */
  cost_usd: string | null;
  model: string | null;
}

export const EXTRACTED_SUMMARY_MAX = 5_000;
const DETAIL_FILES = 10;
const ENTRIES_MAX = 500;
const ENTRY_MAX = 500;

export function extractPacket(given: Extraction): Extracted {
  const text = clean(given.final_text);
  const artifacts = artifactsFromDiff(given.files);
  const duration_ms = Math.max(0, Date.parse(given.ended_at) - Date.parse(given.started_at));
  return {
    packet: {
      output_summary: summaryOf(text, given.files),
      output_artifacts: artifacts.slice(0, 2_000),
      output_decisions: decisionsIn(text),
      output_metrics: { extracted: true, duration_ms },
      activity_log: logOf(given, duration_ms),
    },
    duration_ms,
    tokens_in: given.usage.tokens_in ?? null,
    tokens_out: given.usage.tokens_out ?? null,
    cost_usd: given.usage.cost_usd ?? null,
    model: given.usage.model ?? null,
  };
}

/** A section that is meant as the summary; else all that was said; else what was done. */
function summaryOf(text: string, files: readonly FileChange[]): string {
  const said = sectionOf(text, SUMMARY_TITLE) ?? text;
  return cutText(said.trim(), EXTRACTED_SUMMARY_MAX) || changesAsText(files);
}

const SUMMARY_TITLE = /^(the )?(hand[- ]?off|summary)\b/i;

/** What was done to which files, in one sentence. */
export function changesAsText(files: readonly FileChange[]): string {
  if (files.length === 0) return "Said nothing and changed nothing.";
  const named = files.slice(0, DETAIL_FILES).map(({ path, action }) => `${action} ${clean(path)}`);
  const more = files.length > DETAIL_FILES ? `, and ${files.length - DETAIL_FILES} more` : "";
  return `Changed ${files.length} ${files.length === 1 ? "file" : "files"}: ${named.join(", ")}${more}.`;
}

function logOf({ started_at, ended_at, milestones, exit_code }: Extraction, duration_ms: number): LogEntry[] {
  const kept = milestones
    .map(({ at, text }) => ({ timestamp: at, event: cutText(clean(text).replace(/\s+/g, " ").trim(), ENTRY_MAX) }))
    .filter(({ event }) => event !== "")
    .slice(0, ENTRIES_MAX);
  const detail = { duration_ms, ...(exit_code !== null && { exit_code }) };
  return [{ timestamp: started_at, event: "start" }, ...kept, { timestamp: ended_at, event: "end", detail }];
}

function clean(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}
