/** bugs.json: a list of bugs, or an object that holds one under `bugs`. */
import { type Finding, FindingInput, normaliseFinding } from "@baton/domain";
import { type Parsed, parseList } from "@baton/formats";

export function parseBugs(text: string): Parsed<Finding[]> {
  const list = parseList(text, "bugs", FindingInput);
  return list.ok ? { ok: true, value: list.value.map((bug) => normaliseFinding(bug, "bug")) } : list;
}
