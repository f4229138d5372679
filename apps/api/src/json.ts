/** Takes a body apart: UTF-8, JSON, and nothing in it that could trip what comes after. What it means is for the schemas to say. */
import { ok, type Result, refused } from "@baton/domain";

/** Deeper than anything the schemas allow. */
const MAX_DEPTH = 64;

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function parseJson(bytes: Uint8Array): Result<unknown> {
  const text = decoded(bytes);
  if (text === null) return refused("malformed_json", "The body is not UTF-8.");
  const parsed = parsedText(text);
  if (!parsed.ok) return parsed;
  const fault = faultIn(parsed.value);
  return fault === null ? parsed : refused("invalid_request", fault);
}

function decoded(bytes: Uint8Array): string | null {
  try {
    return utf8.decode(bytes);
  } catch {
    return null;
  }
}

function parsedText(text: string): Result<unknown> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch (error) {
    const at = error instanceof Error ? /at position \d+/.exec(error.message) : null;
    return refused("malformed_json", `The body is not JSON${at ? ` (${at[0]})` : ""}.`);
  }
}

/** Goes through the value without recursion: it may be as deep as the body is long. */
function faultIn(root: unknown): string | null {
  const open: [value: unknown, depth: number][] = [[root, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value === "number" && !Number.isFinite(value)) return "A number is too large to be kept.";
    if (typeof value !== "object" || value === null) continue;
    if (depth > MAX_DEPTH) return `The body is nested deeper than ${MAX_DEPTH} levels.`;
    if (Object.hasOwn(value, "__proto__")) return "A field must not be called __proto__.";
    for (const item of Array.isArray(value) ? value : Object.values(value)) open.push([item, depth + 1]);
  }
  return null;
}
