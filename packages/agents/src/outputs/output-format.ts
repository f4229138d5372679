/** What a known output format tells of an agent's work. Each format has a reader beside this file; none of them invents a number. */
import { Usage } from "@baton/domain";
import { z } from "zod";

export interface Told {
  format: "claude" | "codex" | "goose";
  /** Its final message; empty while there is none. */
  text: string;
  /** The totals so far, as far as the format has them. */
  usage: Usage;
  /** What the format counts and `usage` has no place for. */
  metrics: Record<string, unknown>;
  /** Set when the agent says that it failed, with its words. */
  error: string | null;
}

/** Reads standard output line by line. */
export interface FormatReader {
  line(text: string): void;
  /** Null until a line was in the format. */
  told(): Told | null;
  /** What it says to have done since the last look. */
  milestones(): string[];
}

/** A line that is a JSON object, null when it is not. */
export function objectOf(line: string): Record<string, unknown> | null {
  if (!line.startsWith("{")) return null;
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** A count of tokens; anything else counts as not told. */
export const Tokens = z.int().min(0).optional().catch(undefined);
/** USD; a format's null counts as not told. */
export const Cost = z.number().nonnegative().optional().catch(undefined);

interface Counts {
  tokens_in?: number | undefined;
  tokens_out?: number | undefined;
  /** In USD. */
  cost?: number | undefined;
  model?: string | undefined;
}

/** Usage of what is there and fits; what does not fit is left out, not bent. */
export function usageFrom({ tokens_in, tokens_out, cost, model }: Counts): Usage {
  const given = { tokens_in, tokens_out, cost_usd: cost, model };
  const fits = Object.entries(given).filter(
    ([name, value]) => value !== undefined && Usage.shape[name as keyof typeof Usage.shape].safeParse(value).success,
  );
  return Usage.parse(Object.fromEntries(fits));
}

/** The sum of what is there; not told when nothing is. */
export function sumOf(...counts: (number | undefined)[]): number | undefined {
  const told = counts.filter((count) => count !== undefined);
  return told.length === 0 ? undefined : told.reduce((sum, count) => sum + count, 0);
}
