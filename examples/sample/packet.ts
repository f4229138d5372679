/** What the dev agent reads from the packet file: the findings that are still open. Trusts nothing about its shape. */
import { readFileSync } from "node:fs";

interface OpenFinding {
  readonly title: string;
}

/** Empty on a first visit, when the file holds `null`. */
export function openFindings(packetFile: string): OpenFinding[] {
  const packet: unknown = JSON.parse(readFileSync(packetFile, "utf8"));
  const findings = isObject(packet) && Array.isArray(packet["findings"]) ? packet["findings"] : [];
  return findings.filter(isOpen);
}

function isOpen(finding: unknown): finding is OpenFinding {
  return isObject(finding) && typeof finding["title"] === "string" && finding["status"] !== "fixed";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
