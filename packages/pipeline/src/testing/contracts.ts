/** Contracts as tests say them: agreed on, worked under, and the artifacts that they ask for. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { Contract, type ContractInput } from "@baton/domain";
import type { ContractParams } from "@baton/domain/api";
import { putArtifact } from "../artifacts.ts";
import { putContract } from "../contracts.ts";
import { type TestLine, testLine, testProject } from "./index.ts";
import { complete, leased, submitted, valueOf } from "./verbs.ts";

export const DEV: Pick<ContractParams, "from" | "to"> = { from: "dev", to: "qa" };
export const REPORT: NonNullable<ContractInput["artifacts"]>[number] = {
  name: "report.json",
  ...{ type: "application/json", format: "json", minimum_test_coverage: 80, required_fields: ["total"] },
  schema: { type: "object", properties: { failed: { const: 0 } } },
};

export function agree(open: TestLine, project_id: string, definition: ContractInput, edge = DEV) {
  return putContract(open.line, open.admin, { id: project_id, ...edge, ...Contract.parse(definition) });
}

/** A task in dev under this contract, in the hands of an agent. */
export async function working(definition: ContractInput) {
  const line = await testLine();
  const project_id = await testProject(line);
  valueOf(await agree(line, project_id, definition));
  const { id } = await submitted(line, undefined, { project_id });
  const { ref, ...claimed } = await leased(line, "dev");
  return { open: line, project_id, id, ref, claimed };
}

type Ref = Awaited<ReturnType<typeof leased>>["ref"];

export async function put(
  { line, admin }: TestLine,
  ref: Ref,
  name: string,
  content: string,
  media_type = "application/json",
) {
  const stream = Readable.from([Buffer.from(content)]);
  return valueOf(await putArtifact(line, admin, { ...ref, name, media_type, stream, limit_bytes: 1e8 })).artifact;
}

export async function problemOf(open: TestLine, ref: Ref) {
  const done = await complete(open, ref);
  if (done.ok) throw new Error("the handoff was let through");
  return { code: done.problem.code, pointers: done.problem.errors?.map(({ pointer }) => pointer) };
}

export const fileOf = (open: TestLine, checksum: string) =>
  join(open.store_folder, checksum.slice(0, 2), checksum.slice(2, 4), checksum);
