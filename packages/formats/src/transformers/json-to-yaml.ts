/** JSON as YAML: the same value, in blocks. */
import { stringify } from "yaml";
import { z } from "zod";
import { parseJson } from "../parsed.ts";
import type { Transformer } from "./transformer.ts";

export const json_to_yaml: Transformer = (text) => {
  const json = parseJson(text, z.unknown());
  return json.ok ? { ok: true, value: stringify(json.value, { aliasDuplicateObjects: false }) } : json;
};
