/** The registry of transformers: `from_to_to`, one file each. Also says how each document format is seen when it is only read. */
import type { DocumentFormat } from "@baton/domain";
import { z } from "zod";
import { illFormed, type Parsed, parseJson } from "../parsed.ts";
import { coverage_summary_to_coverage } from "./coverage-summary-to-coverage.ts";
import { json_to_markdown_front_matter } from "./json-to-markdown-front-matter.ts";
import { json_to_yaml } from "./json-to-yaml.ts";
import { junit_xml_to_test_results } from "./junit-xml-to-test-results.ts";
import { markdown_front_matter_to_json } from "./markdown-front-matter-to-json.ts";
import { sarif_to_findings } from "./sarif-to-findings.ts";
import type { Transformer } from "./transformer.ts";
import { yaml_to_json } from "./yaml-to-json.ts";

const TRANSFORMERS: Readonly<Record<string, Transformer>> = {
  json_to_yaml,
  yaml_to_json,
  json_to_markdown_front_matter,
  markdown_front_matter_to_json,
  junit_xml_to_test_results,
  sarif_to_findings,
  coverage_summary_to_coverage,
};

export const TRANSFORMER_NAMES: readonly string[] = Object.keys(TRANSFORMERS);

export function hasTransformer(name: string): boolean {
  return Object.hasOwn(TRANSFORMERS, name);
}

/** Reads the text in the transformer's first format and gives it in its second. */
export async function transform(name: string, text: string): Promise<Parsed<unknown>> {
  const transformer = hasTransformer(name) ? TRANSFORMERS[name] : undefined;
  return transformer === undefined ? illFormed(`cannot be read: ${noTransformer(name)}`) : transformer(text);
}

export function noTransformer(name: string): string {
  return `there is no transformer ${name}; there are ${TRANSFORMER_NAMES.join(", ")}`;
}

const READERS: Record<DocumentFormat, Transformer> = {
  json: (text) => parseJson(text, z.unknown()),
  yaml: yaml_to_json,
  markdown_front_matter: markdown_front_matter_to_json,
  junit_xml: junit_xml_to_test_results,
  sarif: sarif_to_findings,
  coverage_summary: coverage_summary_to_coverage,
};

export async function readDocument(format: DocumentFormat, text: string): Promise<Parsed<unknown>> {
  return READERS[format](text);
}
