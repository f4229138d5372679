/** security_report.json: a list of vulnerabilities, or an object that holds one under `vulnerabilities`. */
import { type Finding, FindingInput, normaliseFinding, SEVERITIES } from "@baton/domain";
import { type Parsed, parseList } from "@baton/formats";
import { z } from "zod";

/** The verdict hangs on the severity: leaving it out must not make a weakness harmless. */
const Vulnerability = FindingInput.safeExtend({ severity: z.enum(SEVERITIES) });

export function parseSecurityReport(text: string): Parsed<Finding[]> {
  const list = parseList(text, "vulnerabilities", Vulnerability);
  return list.ok ? { ok: true, value: list.value.map((found) => normaliseFinding(found, "vulnerability")) } : list;
}
