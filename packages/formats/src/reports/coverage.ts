/** coverage-summary.json as istanbul writes it: the percentage of lines covered in all. */
import { z } from "zod";
import { type Parsed, parseJson } from "../parsed.ts";

/** "Unknown" is what istanbul writes where there are no lines. */
const Summary = z.object({
  total: z.object({ lines: z.object({ pct: z.union([z.number().min(0).max(100), z.literal("Unknown")]) }) }),
});

export function parseCoverage(text: string): Parsed<number | null> {
  const summary = parseJson(text, Summary);
  if (!summary.ok) return summary;
  const { pct } = summary.value.total.lines;
  return { ok: true, value: pct === "Unknown" ? null : pct };
}
