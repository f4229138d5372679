/** `{front_matter, body}` as markdown with its front matter on top. */
import { stringify } from "yaml";
import { z } from "zod";
import { parseJson } from "../parsed.ts";
import type { Transformer } from "./transformer.ts";

const Document = z.strictObject({ front_matter: z.record(z.string(), z.unknown()), body: z.string().default("") });

export const json_to_markdown_front_matter: Transformer = (text) => {
  const json = parseJson(text, Document);
  if (!json.ok) return json;
  const { front_matter, body } = json.value;
  return { ok: true, value: `---\n${stringify(front_matter, { aliasDuplicateObjects: false })}---\n${body}` };
};
