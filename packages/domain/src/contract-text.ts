/** A contract as an agent reads it in its prompt: what it must leave, one line each. Nothing to say for the one that ships with the product. */
import type { Contract, ContractArtifact, ContractInForce } from "./contract.ts";

export function contractLines({ version, definition }: ContractInForce): string[] {
  if (version === 0) return [];
  return [...definition.artifacts.map(artifactLine), ...packetLines(definition)];
}

function artifactLine(wanted: ContractArtifact): string {
  const { type, format, schema, required_fields = [], minimum_test_coverage, depends_on = [] } = wanted;
  const asked = [
    ...(wanted.required ? [] : ["may be left out"]),
    ...(wanted.critical ? [] : ["not critical"]),
    ...(type === undefined ? [] : [type]),
    ...(format === undefined ? [] : [format]),
    ...(required_fields.length === 0 ? [] : [`with the fields ${required_fields.join(", ")}`]),
    ...(minimum_test_coverage === undefined ? [] : [`coverage of at least ${minimum_test_coverage} %`]),
    ...(depends_on.length === 0 ? [] : [`together with ${depends_on.join(", ")}`]),
    ...(schema === undefined ? [] : [`matching the JSON Schema ${JSON.stringify(schema)}`]),
  ];
  return `the artifact ${wanted.name}${asked.length === 0 ? "" : `: ${asked.join("; ")}`}`;
}

function packetLines({ packet }: Contract): string[] {
  const { schema, required_fields = [] } = packet ?? {};
  return [
    ...(required_fields.length === 0 ? [] : [`in the packet: ${required_fields.join(", ")}`]),
    ...(schema === undefined ? [] : [`a packet matching the JSON Schema ${JSON.stringify(schema)}`]),
  ];
}
