/** Markdown with front matter as `{front_matter, body}`. */
import { parseFrontMatter } from "../front-matter.ts";
import type { Transformer } from "./transformer.ts";

export const markdown_front_matter_to_json: Transformer = parseFrontMatter;
