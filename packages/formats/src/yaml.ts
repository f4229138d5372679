/** Reading YAML as data and nothing more: one document, no tags of its own, few aliases, only what JSON can say. */
import { parseDocument } from "yaml";
import { illFormed, type Parsed } from "./parsed.ts";

const ALIASES_MAX = 50;
const DEPTH_MAX = 100;

export function parseYaml(text: string): Parsed<unknown> {
  try {
    const document = parseDocument(text, {
      version: "1.2",
      schema: "core",
      uniqueKeys: true,
      strict: true,
      logLevel: "error",
    });
    const [wrong] = [...document.errors, ...document.warnings];
    if (wrong !== undefined) return notYaml(wrong);
    const value: unknown = document.toJS({ maxAliasCount: ALIASES_MAX });
    const fault = unlikeJson(value, 0);
    return fault === null ? { ok: true, value } : illFormed(fault);
  } catch (error) {
    return notYaml(error as Error);
  }
}

/** The parser tells of a full stack as of any other fault. */
function notYaml({ message }: Error): { ok: false; why: string } {
  if (message.includes("call stack")) return illFormed("is nested too deeply");
  return illFormed(`is not YAML: ${message.split("\n")[0]?.slice(0, 200)}`);
}

function unlikeJson(value: unknown, depth: number): string | null {
  if (depth > DEPTH_MAX) return "is nested too deeply";
  if (typeof value === "number" && !Number.isFinite(value)) return "holds a number that JSON does not have";
  if (typeof value !== "object" || value === null) {
    return ["string", "number", "boolean"].includes(typeof value) || value === null
      ? null
      : "holds what JSON does not have";
  }
  if (!Array.isArray(value) && Object.getPrototypeOf(value) !== Object.prototype)
    return "holds what JSON does not have";
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") return "has a key __proto__, which is not allowed";
    const fault = unlikeJson(item, depth + 1);
    if (fault !== null) return fault;
  }
  return null;
}
