/** `baton proofs backfill`: takes files in as proofs that lie on this machine already. Run again it takes in only what is new. */
import { createHash } from "node:crypto";
import { createReadStream, openAsBlob } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { Client } from "@baton/client";
import { mediaTypeOfName, type ProofKind, proofKindOf } from "@baton/domain";
import type { ProblemView } from "@baton/domain/api";
import { answered } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { print } from "../output.ts";
import { cannotRead, type Skipped } from "./find-files.ts";
import { type PlannedFile, planBackfill } from "./plan-backfill.ts";
import { openProgress, type Progress } from "./progress.ts";
import { report } from "./report.ts";

export interface BackfillOptions {
  dryRun?: boolean;
  json?: boolean;
}

interface Taken {
  path: string;
  task_id: string;
  kind: ProofKind;
  /** Null when nothing was sent. */
  proof_id: string | null;
}

export interface Backfilled {
  dry_run: boolean;
  /** New, or would be. */
  taken: Taken[];
  /** Taken in before. */
  known: Taken[];
  skipped: Skipped[];
  refused: Skipped[];
}

/** Gives the exit code: 65 when the server refused a file. */
export async function backfill(client: Client, folder: string, options: BackfillOptions): Promise<number> {
  const { dryRun: dry_run = false, json = false } = options;
  const { files, skipped } = await planBackfill(client, folder);
  const done: Backfilled = { dry_run, taken: [], known: [], skipped, refused: [] };
  const progress = openProgress(process.stderr, files.length);
  try {
    for (const file of files) {
      if (dry_run) done.taken.push({ ...seen(file), proof_id: null });
      else await takeIn(client, folder, file, done, progress);
    }
  } finally {
    progress.end();
  }
  print(json ? `${JSON.stringify(done, null, 2)}\n` : report(done));
  return done.refused.length > 0 ? EXIT.data : EXIT.ok;
}

function seen({ path, task_id, name }: PlannedFile): Omit<Taken, "proof_id"> {
  return { path, task_id, kind: proofKindOf(name, mediaTypeOfName(name)) };
}

async function takeIn(
  client: Client,
  folder: string,
  file: PlannedFile,
  done: Backfilled,
  progress: Progress,
): Promise<void> {
  const { path, name, task_id } = file;
  progress.at(done.taken.length + done.known.length + done.refused.length, path);
  const content = await readAhead(join(folder, path));
  if (!content.ok) {
    done.skipped.push({ path, why: content.why });
    return;
  }
  const query = { name, origin: path };
  const { blob, sha256 } = content;
  const sent = { params: { id: task_id }, query, file: blob, media_type: mediaTypeOfName(name), sha256 };
  const added = await client.call("addProof", sent);
  if (added.ok) {
    const { id: proof_id, kind } = added.value.proof;
    (added.status === 201 ? done.taken : done.known).push({ path, task_id, kind, proof_id });
  } else if (ONE_FILE.includes(added.problem.code)) {
    done.refused.push({ path, why: added.problem.detail });
  } else {
    answered(added);
  }
}

/** What is wrong with one file alone: the others are taken in all the same. */
const ONE_FILE: ProblemView["code"][] = ["too_large", "too_many", "invalid_request", "checksum_mismatch", "not_found"];

type Content = { ok: true; blob: Blob; sha256: string } | { ok: false; why: string };

/** Hashed before it is sent: what is changed meanwhile is refused and not half taken in. */
async function readAhead(path: string): Promise<Content> {
  try {
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    return { ok: true, blob: await openAsBlob(path), sha256: hash.digest("hex") };
  } catch (error) {
    return { ok: false, why: cannotRead(error) };
  }
}
