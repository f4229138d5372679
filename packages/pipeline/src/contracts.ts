/** Contracts as verbs: look at what a handoff must carry, and say it anew. A contract that nobody could keep is refused when it is saved. */
import { addContract, type ContractRow, findProject, newestContracts } from "@baton/db";
import {
  CONTRACT_EDGES,
  type Contract,
  type ContractArtifact,
  DEFAULT_CONTRACT,
  ok,
  type Place,
  type Result,
  refused,
  type SchemaFault,
  type Stage,
} from "@baton/domain";
import type { ContractAnswer, ContractList, ContractParams, ContractView } from "@baton/domain/api";
import { hasTransformer, noTransformer } from "@baton/formats";
import { examiner } from "./examiner.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

const NO_PROJECT = refused("not_found", "There is no such project.");

/** Of the whole definition as JSON. */
const CONTRACT_MAX_BYTES = 256 * 1024;

/** What is wrong with a contract that its shape does not show. Compiles schemas: never inside a transaction. */
export async function checkContract(definition: Contract): Promise<Result<null>> {
  const bytes = Buffer.byteLength(JSON.stringify(definition));
  if (bytes > CONTRACT_MAX_BYTES) {
    return refused("contract_invalid", `The contract is ${bytes} bytes long; at most ${CONTRACT_MAX_BYTES} are kept.`);
  }
  const errors = await faultsIn("/packet/schema", definition.packet?.schema);
  for (const [at, wanted] of definition.artifacts.entries()) {
    errors.push(...(await faultsIn(`/artifacts/${at}/schema`, wanted.schema)), ...transformerFaults(at, wanted));
  }
  const [first] = errors;
  if (first === undefined) return ok(null);
  const more = errors.length > 1 ? ` There are ${errors.length} faults; see errors.` : "";
  return refused("contract_invalid", `${first.pointer}: ${first.detail}.${more}`, { errors: errors.slice(0, 100) });
}

async function faultsIn(pointer: string, schema: unknown): Promise<SchemaFault[]> {
  if (schema === undefined) return [];
  const faults = await examiner.checkSchema(schema);
  return faults.map((fault) => ({ pointer: pointer + fault.pointer, detail: fault.detail }));
}

function transformerFaults(at: number, { transform, format }: ContractArtifact): SchemaFault[] {
  if (transform === undefined) return [];
  const pointer = `/artifacts/${at}/transform`;
  if (!hasTransformer(transform)) return [{ pointer, detail: noTransformer(transform) }];
  if (format === undefined || transform.startsWith(`${format}_to_`)) return [];
  return [{ pointer, detail: `reads ${transform.split("_to_")[0]}, and the format is ${format}` }];
}

/** A new version of its edge. It holds for leases that are given from now on. */
export async function putContract(
  line: Line,
  who: Principal,
  { id, from, to, checked, ...definition }: ContractParams & Contract & { checked?: Result<null> | undefined },
): Promise<Result<ContractAnswer>> {
  const good = checked ?? (await checkContract(definition));
  if (!good.ok) return good;
  const row = await addContract(line.db, {
    ...{ workspace_id: who.workspace_id, project_id: id, from_stage: from, to_stage: to },
    ...{ definition, created_by: who.name },
  });
  return row === null ? NO_PROJECT : ok({ contract: contractView(row) });
}

export async function getContract(
  line: Line,
  who: Principal,
  { id, from }: ContractParams,
): Promise<Result<ContractAnswer>> {
  const all = await listContracts(line, who, { id });
  if (!all.ok) return all;
  const contract = all.value.items.find((one) => one.from === from);
  if (contract === undefined) throw new Error("a handoff of the line has no contract");
  return ok({ contract });
}

export async function listContracts(line: Line, who: Principal, { id }: { id: string }): Promise<Result<ContractList>> {
  if ((await findProject(line.db, who.workspace_id, id)) === null) return NO_PROJECT;
  const rows = await newestContracts(line.db, who.workspace_id, id);
  const items = CONTRACT_EDGES.map(({ from, to }) => {
    const row = rows.find(({ from_stage }) => from_stage === from);
    return row === undefined ? productView(id, from, to) : contractView(row);
  });
  return ok({ items, next_cursor: null });
}

function contractView(row: ContractRow): ContractView {
  const { project_id, from_stage: from, to_stage: to, version, definition, created_by } = row;
  return { project_id, from, to, version, definition, created_by, created_at: row.created_at.toISOString() };
}

function productView(project_id: string, from: Stage, to: Place): ContractView {
  return { project_id, from, to, version: 0, definition: DEFAULT_CONTRACT, created_by: null, created_at: null };
}
