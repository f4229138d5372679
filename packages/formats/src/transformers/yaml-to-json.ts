/** YAML as the JSON value that it says. */
import { parseYaml } from "../yaml.ts";
import type { Transformer } from "./transformer.ts";

export const yaml_to_json: Transformer = parseYaml;
