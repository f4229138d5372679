/** Loads the hand-written SQL of this package: one file, one prepared statement. */
import { readFileSync } from "node:fs";
import type { Statement } from "./client.ts";

/**
 * The statement made of the files `sql/<name>.sql`, put together in order and prepared under the first name. Most are parts of
 * one `with`: the file that begins it ends with a comma, `claim-lease` ends the list, and what adds steps after it begins
 * with a comma. `known` and `claim-found` are joins, to be put after a list of tables.
 */
export function statement(...names: [string, ...string[]]): Statement {
  const text = names.map((name) => readFileSync(new URL(`sql/${name}.sql`, import.meta.url), "utf8")).join("\n");
  return { name: `baton_${names[0]}`, text };
}
