/** Findings: something a stage found wrong. Owns the shapes agents may use, the one normal form they become, and their fingerprint. */
import { z } from "zod";
import { fingerprint } from "./fingerprint.ts";
import { cutText, text } from "./text.ts";

export const SEVERITIES = ["critical", "high", "medium", "low", "info"] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Priority (0–10, higher first) of the work that a finding asks for. */
export const PRIORITY_OF: Record<Severity, number> = { critical: 10, high: 10, medium: 7, low: 5, info: 3 };

export const FINDING_KINDS = [
  /** A fault in behaviour, from `bugs.json` or a test report. Open, it rejects at any severity. */
  "bug",
  /** A weakness, from `security_report.json` or a scan. Open, it rejects when critical or high. */
  "vulnerability",
  /** Anything else an agent reports. Open, it rejects when critical or high. */
  "finding",
] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** The database keeps lines as 32-bit numbers; no file has as many. */
export const LINE_MAX = 100_000_000;

/** As an agent writes it: `title` or `issue`, and whatever else it knows. */
export const FindingInput = z
  .strictObject({
    title: text(1_000).optional(),
    issue: text(1_000).optional(),
    kind: z.enum(FINDING_KINDS).optional(),
    severity: z.enum(SEVERITIES).optional(),
    status: z.enum(["open", "fixed"]).optional(),
    file: text(1_000).optional(),
    line: z.int().min(0).max(LINE_MAX).optional(),
    description: text(20_000).optional(),
    recommendation: text(20_000).optional(),
  })
  .refine((finding) => finding.title !== undefined || finding.issue !== undefined, {
    message: "needs a title or an issue",
    path: ["title"],
  });
export type FindingInput = z.infer<typeof FindingInput>;

/** The normal form: what rides in the packet back to dev. */
export const Finding = z.strictObject({
  fingerprint: z.string(),
  kind: z.enum(FINDING_KINDS),
  title: z.string(),
  description: z.string(),
  severity: z.enum(SEVERITIES),
  priority: z.int(),
  status: z.enum(["open", "fixed"]),
  file: z.string().nullable(),
  line: z.int().nullable(),
});
export type Finding = z.infer<typeof Finding>;

export function normaliseFinding(input: FindingInput, kind: FindingKind): Finding {
  const title = input.title ?? input.issue ?? "";
  const severity = input.severity ?? "medium";
  const file = input.file ?? null;
  const own = input.kind ?? kind;
  return {
    fingerprint: fingerprint([own, plain(title), file ?? ""]),
    kind: own,
    title,
    description: describe(input),
    severity,
    priority: PRIORITY_OF[severity],
    status: input.status ?? "open",
    file,
    line: input.line ?? null,
  };
}

/** Two reports of one fault are one finding, in the place of the first. The worst is kept, so that none hides another. */
export function distinctFindings(findings: readonly Finding[]): Finding[] {
  const kept = new Map<string, Finding>();
  for (const finding of findings) {
    const other = kept.get(finding.fingerprint);
    if (other === undefined || isWorse(finding, other)) kept.set(finding.fingerprint, finding);
  }
  return [...kept.values()];
}

function isWorse(a: Finding, b: Finding): boolean {
  if (a.status !== b.status) return a.status === "open";
  return SEVERITIES.indexOf(a.severity) < SEVERITIES.indexOf(b.severity);
}

function describe(input: FindingInput): string {
  const place =
    input.file === undefined ? undefined : input.line === undefined ? input.file : `${input.file}:${input.line}`;
  return cutText(
    [place, input.description, input.recommendation].filter((part) => part !== undefined).join("\n"),
    20_000,
  );
}

/** Case, spacing and numbers (times, line numbers, addresses) do not make a new finding. */
function plain(title: string): string {
  return title
    .toLowerCase()
    .replace(/0x[0-9a-f]+|\d+/g, "#")
    .replace(/\s+/g, " ")
    .trim();
}
