/** Markdown with front matter: YAML between two lines of dashes at the top, then the body, as it is. */
import { illFormed, type Parsed } from "./parsed.ts";
import { parseYaml } from "./yaml.ts";

export interface FrontMatter {
  front_matter: Record<string, unknown>;
  body: string;
}

const OPENING = /^\uFEFF?---[ \t]*\r?\n/;
const CLOSING = /^---[ \t]*(?:\r?\n|$)/m;

export function parseFrontMatter(text: string): Parsed<FrontMatter> {
  const opening = OPENING.exec(text);
  if (opening === null) return illFormed("does not begin with a line of three dashes");
  const rest = text.slice(opening[0].length);
  const closing = CLOSING.exec(rest);
  if (closing === null) return illFormed("has no second line of three dashes");
  const front = parseYaml(rest.slice(0, closing.index));
  if (!front.ok) return illFormed(`its front matter ${front.why}`);
  const front_matter = front.value ?? {};
  if (typeof front_matter !== "object" || Array.isArray(front_matter))
    return illFormed("its front matter is not a map");
  return {
    ok: true,
    value: {
      front_matter: front_matter as Record<string, unknown>,
      body: rest.slice(closing.index + closing[0].length),
    },
  };
}
