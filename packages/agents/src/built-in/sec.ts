/** The sec stage without an agent: secrets in what the task adds, known weaknesses in the packages it locks. */
import { type Finding, normaliseFinding } from "@baton/domain";
import { type Attempt, note } from "../attempt.ts";
import { addedLinesPatch, taskBase } from "../revisions.ts";
import { type AddedLines, addedLines } from "./added-lines.ts";
import { type Audit, auditDependencies } from "./npm-audit.ts";
import { findSecrets, type Secret } from "./secrets.ts";
import { type BuiltInWork, plural } from "./work.ts";

/** More added text than this in one file is a data set: it is named, not searched. */
const SEARCHED_MAX = 5 * 1024 * 1024;

export async function scanTheTask(attempt: Attempt): Promise<BuiltInWork> {
  const base = await taskBase(attempt.repository, attempt.assignment, attempt.start);
  const files = addedLines(await addedLinesPatch(attempt.repository, base, attempt.start));
  const [searched, too_long] = [files.filter(isSearchable), files.filter((file) => !isSearchable(file))];
  note(attempt.surroundings, `looks for secrets in what the task adds to ${plural(searched.length, "file")}`);
  const secrets: Secret[] = [];
  for (const file of searched) {
    attempt.surroundings.signal.throwIfAborted();
    secrets.push(...(await findSecrets(file)));
  }
  const audit = await auditDependencies(attempt, base);
  const not_searched = too_long.map(({ file }) => file);
  return {
    summary: [secretsSentence(searched, secrets, not_searched), auditSentence(audit)].join(" "),
    findings: [...secrets.map(findingOf), ...(audit?.findings ?? [])],
    metrics: {
      secrets: {
        files_searched: searched.length,
        lines_searched: linesOf(searched),
        found: secrets.length,
        not_searched,
      },
      audit: audit?.metric ?? "skipped: there is no package-lock.json",
    },
  };
}

function isSearchable({ lines }: AddedLines): boolean {
  return lines.reduce((length, line) => length + line.text.length + 1, 0) <= SEARCHED_MAX;
}

function linesOf(files: readonly AddedLines[]): number {
  return files.reduce((count, file) => count + file.lines.length, 0);
}

function findingOf({ file, kind, severity, lines }: Secret): Finding {
  const places = lines.map((line) => `line ${line}`).join(", ");
  const [line] = lines;
  return normaliseFinding(
    {
      title: `secret in the change: ${kind}`,
      severity,
      file,
      ...(line !== undefined && { line }),
      description: `A ${kind} was added in ${places} (not repeated here).`,
      recommendation:
        "Take it out of the code, read it from the environment or a secret store, and have it revoked where it was real.",
    },
    "vulnerability",
  );
}

function secretsSentence(
  searched: readonly AddedLines[],
  secrets: readonly Secret[],
  left_out: readonly string[],
): string {
  const where = `${plural(linesOf(searched), "added line")} of ${plural(searched.length, "file")}`;
  const found =
    secrets.length === 0 ? "none found" : `found: ${secrets.map(({ kind, file }) => `${kind} in ${file}`).join(", ")}`;
  const rest = left_out.length === 0 ? "" : ` Too long to be searched: ${left_out.join(", ")}.`;
  return `Searched ${where} for secrets: ${found}.${rest}`;
}

function auditSentence(audit: Audit | null): string {
  if (audit === null) return "No package-lock.json, so no npm audit.";
  if (typeof audit.metric === "string") return `npm audit ${audit.metric}.`;
  const { new: fresh, known_before } = audit.metric;
  return `npm audit: ${plural(fresh, "new advisory", "new advisories")}, ${known_before} known before this task.`;
}
