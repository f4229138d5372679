/** results.sarif (2.1.0): each result that is a fault and not suppressed becomes a vulnerability. */
import { type Finding, normaliseFinding, type Severity } from "@baton/domain";
import { z } from "zod";
import { type Parsed, parseJson } from "../parsed.ts";
import { DESCRIPTION_MAX, storable, TITLE_MAX } from "../storable.ts";
import { pathIn } from "./tests.ts";

const Properties = z
  .looseObject({ "security-severity": z.coerce.number().min(0).max(10).optional().catch(undefined) })
  .optional();
const Level = z.enum(["error", "warning", "note", "none"]);
const Rule = z.looseObject({
  id: z.string(),
  defaultConfiguration: z.looseObject({ level: Level.optional() }).optional(),
  properties: Properties,
});
const Component = z.looseObject({ rules: z.array(Rule).optional() });
const Location = z.looseObject({
  physicalLocation: z
    .looseObject({
      artifactLocation: z.looseObject({ uri: z.string().optional() }).optional(),
      region: z.looseObject({ startLine: z.int().min(0).max(100_000_000).optional() }).optional(),
    })
    .optional(),
});
const Result = z.looseObject({
  ruleId: z.string().optional(),
  ruleIndex: z.int().optional(),
  level: Level.optional(),
  kind: z.string().optional(),
  baselineState: z.string().optional(),
  message: z.looseObject({ text: z.string().optional() }),
  locations: z.array(Location).optional(),
  suppressions: z.array(z.looseObject({ status: z.string().optional() })).nullish(),
  properties: Properties,
});
type Result = z.infer<typeof Result>;
const Run = z.looseObject({
  tool: z.looseObject({ driver: Component, extensions: z.array(Component).optional() }),
  results: z.array(Result).max(50_000).nullish(),
});
type Run = z.infer<typeof Run>;
const Sarif = z.looseObject({ version: z.literal("2.1.0"), runs: z.array(Run) });

export function parseSarif(text: string, worktree: string): Parsed<Finding[]> {
  const sarif = parseJson(text, Sarif);
  if (!sarif.ok) return sarif;
  return { ok: true, value: sarif.value.runs.flatMap((run) => findingsOf(run, worktree)) };
}

function findingsOf(run: Run, worktree: string): Finding[] {
  return (run.results ?? []).filter(isOpen).map((result) => findingOf(result, run, worktree));
}

function isOpen({ kind, baselineState, suppressions }: Result): boolean {
  const suppressed = (suppressions ?? []).some(({ status }) => status === undefined || status === "accepted");
  return (kind ?? "fail") === "fail" && baselineState !== "absent" && !suppressed;
}

function findingOf(result: Result, run: Run, worktree: string): Finding {
  const place = result.locations?.[0]?.physicalLocation;
  const uri = place?.artifactLocation?.uri;
  const line = place?.region?.startLine;
  const said = result.message.text ?? "";
  const name = result.ruleId ?? ruleOf(result, run)?.id;
  return normaliseFinding(
    {
      title: storable(
        [name, said.split("\n")[0]].filter(Boolean).join(": ") || "a result without a message",
        TITLE_MAX,
      ),
      severity: severityOf(result, ruleOf(result, run)),
      description: storable(said, DESCRIPTION_MAX),
      ...(uri && { file: storable(pathIn(worktree, decoded(uri)), TITLE_MAX) }),
      ...(line !== undefined && { line }),
    },
    "vulnerability",
  );
}

function ruleOf(result: Result, { tool }: Run) {
  const rules = [tool.driver, ...(tool.extensions ?? [])].flatMap((component) => component.rules ?? []);
  return rules.find((rule) => rule.id === result.ruleId) ?? tool.driver.rules?.[result.ruleIndex ?? -1];
}

/** The score that tools for security give (CVSS bands), else the level. */
function severityOf(result: Result, rule: z.infer<typeof Rule> | undefined): Severity {
  const score = result.properties?.["security-severity"] ?? rule?.properties?.["security-severity"];
  if (score !== undefined)
    return score >= 9 ? "critical" : score >= 7 ? "high" : score >= 4 ? "medium" : score > 0 ? "low" : "info";
  const level = result.level ?? rule?.defaultConfiguration?.level ?? "warning";
  return ({ error: "high", warning: "medium", note: "low", none: "info" } as const)[level];
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}
