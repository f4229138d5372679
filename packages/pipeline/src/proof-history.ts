/** Looking at proofs: pages of a task's or a project's, the few lines that agents read, and the bytes of one. */
import type { Readable } from "node:stream";
import {
  contextProofs,
  type FoundProof,
  findProject,
  findProof,
  type ProofFilter,
  type ProofRow,
  pageOfProofs,
} from "@baton/db";
import { contextLines, ok, PROOFS_MAX, type Result, refused } from "@baton/domain";
import type { ListProofs, ProofList, ProofView } from "@baton/domain/api";
import type { Line } from "./line.ts";
import { NO_TASK, visibleTask } from "./look.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";

type History = ListProofs & { id: string };

/** Text when the format is `context`. */
export async function taskProofs(line: Line, who: Principal, input: History): Promise<Result<ProofList | string>> {
  if ((await visibleTask(line, who, input.id)) === null) return NO_TASK;
  return historyOf(line, input, { task_id: input.id });
}

export async function projectProofs(line: Line, who: Principal, input: History): Promise<Result<ProofList | string>> {
  if ((await findProject(line.db, who.workspace_id, input.id)) === null) {
    return refused("not_found", "There is no such project.");
  }
  return historyOf(line, input, { project_id: input.id });
}

async function historyOf(line: Line, input: History, of: ProofFilter["of"]): Promise<Result<ProofList | string>> {
  const filter = { of, kind: input.kind, stage: input.stage };
  if (input.format === "json") {
    return ok(await pageOf(input, (page) => pageOfProofs(line.db, page, filter), proofView));
  }
  const lines = contextLines(await contextProofs(line.db, PROOFS_MAX, filter), input.budget);
  return ok(lines.map((text) => `${text}\n`).join(""));
}

export function proofView({ proof, visit }: Pick<FoundProof, "proof" | "visit">): ProofView {
  const { workspace_id: _, created_at, ...rest } = proof;
  return { ...rest, visit, created_at: created_at.toISOString() };
}

export interface OpenedProof {
  proof: ProofRow;
  /** Null when its bytes are not in the store, or not as many as there were: it is damaged. */
  stream: Readable | null;
}

/** The stream ends with an error, and short of its last bytes, when the content is not the one that was taken in. */
export async function openProof(
  line: Line,
  who: Principal,
  { id, proof_id }: { id: string; proof_id: string },
): Promise<Result<OpenedProof>> {
  const seen = await visibleTask(line, who, id);
  const found = seen && (await findProof(line.db, id, proof_id));
  if (!found) return refused("not_found", "There is no such proof.");
  const { proof } = found;
  const content = await line.store.open(proof.checksum);
  if (content === null || content.size_bytes === proof.size_bytes)
    return ok({ proof, stream: content?.stream ?? null });
  content.stream.destroy();
  return ok({ proof, stream: null });
}
