/** Loop-backs converge or stop: looks whether a rejection only repeats the one before it. Looks only where there can be one before. */
import { earlierRejection } from "@baton/db";
import { cutText, type Finding, isStage, repeatedFinding } from "@baton/domain";
import type { Held } from "./held.ts";
import type { Line } from "./line.ts";

/** The finding that the rejection before carried too, while dev has changed nothing since; null when the loop may go on. */
export async function findRepeated(line: Line, { row }: Held, findings: readonly Finding[]): Promise<Finding | null> {
  if (row.visit === 1 || !isStage(row.stage) || !findings.some((finding) => finding.status === "open")) return null;
  const earlier = await earlierRejection(line.db, row.id, row.stage);
  if (earlier === null) return null;
  const { findings: findings_before, dev_before, dev_after } = earlier;
  return repeatedFinding({ findings, findings_before, dev_before, dev_after });
}

/** The first of the reasons for the rejection that ends the task. */
export function repetitionOf(finding: Finding): string {
  return `repeating: ${cutText(finding.title, 200)} was found before, and dev has changed nothing since`;
}
