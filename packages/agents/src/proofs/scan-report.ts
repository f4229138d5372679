/** The proof of sec: the report that the scanner or the agent wrote; where there is none, what was found, as JSON. */
import type { LeftProof } from "@baton/domain";
import type { Evidence } from "./leave.ts";

const REPORTS = [
  { name: "security_report.json", media_type: "application/json" },
  { name: "results.sarif", media_type: "application/sarif+json" },
] as const;

export function scanReport({ work, checked, said }: Pick<Evidence, "work" | "checked" | "said">): LeftProof {
  for (const { name, media_type } of REPORTS) {
    const text = work.reports.texts.get(name) ?? checked.texts.get(name);
    if (text !== undefined) return { kind: "report", name, summary: said, media_type, content: Buffer.from(text) };
  }
  const scan = {
    summary: said,
    findings: [...work.reports.findings, ...checked.findings],
    checks: checked.checks.map(({ name, command, exit_code, duration_ms }) => ({
      name,
      command,
      exit_code,
      duration_ms,
    })),
    metrics: work.metrics,
  };
  const content = Buffer.from(`${JSON.stringify(scan, null, 2)}\n`);
  return { kind: "report", name: "scan.json", summary: said, media_type: "application/json", content };
}
