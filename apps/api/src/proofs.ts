/** Proofs over HTTP: a file comes in as a body or in a form, is kept, and is then recorded once; it goes out as an attachment that no browser opens. */
import { ArtifactName, ok, type Result, refused } from "@baton/domain";
import { AddProof, type Fault, type ProofAnswer } from "@baton/domain/api";
import {
  checkProof,
  getTask,
  type Line,
  once,
  openProof,
  proofView,
  type Received,
  addProof as record,
} from "@baton/pipeline";
import { FORM_BYTES, takeForm } from "./form.ts";
import type { Ask, Reply } from "./handlers.ts";
import { hashOf, keyOf } from "./idempotency.ts";
import { announcedOf, withBody } from "./upload.ts";
import { check, refusedFor } from "./validate.ts";

type Adding = Ask<"addProof">;
type Added = Result<Reply<"addProof">>;

export async function addProof(ask: Adding): Promise<Added> {
  const { request, parts, who, input } = ask;
  const key = keyOf(request);
  if (!key.ok) return key;
  const seen = await getTask(parts.line, who, input);
  return seen.ok ? taken(ask, key.value) : seen;
}

/** A file that lies in the store's temporary folder, and everything that was said of it. */
interface Arrived {
  said: Omit<AddProof, "name"> & { id: string; name: string; media_type: string };
  received: Received;
}

async function taken(ask: Adding, key: string | null): Promise<Added> {
  const { who, parts } = ask;
  const { line } = parts;
  const arrived = await (ask.request.is("multipart/form-data") ? fromForm(ask) : fromBody(ask));
  if (!arrived.ok) return arrived;
  const { said, received } = arrived.value;
  try {
    const wanted = await checkProof(line, who, said, received);
    // What would be refused now may have been answered before, under its key: that answer stands.
    if (!wanted.ok && key === null) return wanted;
    // Before any transaction: none waits for bytes.
    if (wanted.ok) await line.store.keep(received);
    return await recordedOnce(ask, key, arrived.value);
  } finally {
    await line.store.discard(received);
  }
}

async function fromBody({ input, parts, request }: Adding): Promise<Result<Arrived>> {
  const { name, ...rest } = input;
  if (name === undefined) return refusedFor([{ pointer: "/query/name", detail: "is missing: a body has no name" }]);
  const announced = announcedOf(request, parts.uploads);
  if (!announced.ok) return announced;
  const { media_type, ...expected } = announced.value;
  const received = await withBody(request, parts.uploads, (body) => parts.line.store.receive(body, expected));
  return received.ok ? ok({ said: { ...rest, name, media_type }, received: received.value }) : received;
}

async function fromForm(ask: Adding): Promise<Result<Arrived>> {
  const { parts, request, response } = ask;
  const { limit_bytes } = parts.uploads;
  const announced = announcedOf(request, { ...parts.uploads, limit_bytes: limit_bytes + FORM_BYTES });
  if (!announced.ok) return announced;
  if (request.get("digest") ?? request.get("content-digest")) return WRONG_DIGEST;
  const { store } = parts.line;
  const { expected_sha256 } = announced.value;
  const form = await withBody(request, parts.uploads, (body) =>
    takeForm(request, response, body, {
      receive: (file) => store.receive(file, { limit_bytes, expected_sha256 }),
      discard: (received) => store.discard(received),
    }),
  );
  if (!form.ok) return form;
  const { received, media_type } = form.value;
  const said = saidOf(ask, form.value);
  if (said.ok) return ok({ said: { ...said.value, media_type }, received });
  await store.discard(received);
  return said;
}

const WRONG_DIGEST = refused(
  "invalid_request",
  "Digest and Content-Digest are of the whole form: send the checksum of its file as X-Checksum-Sha256.",
);

/** Query and form together; what both say is one too many. */
function saidOf(
  { input }: Adding,
  { fields, file_name }: { fields: Record<string, unknown>; file_name: string },
): Result<Omit<Arrived["said"], "media_type">> {
  const form = check(AddProof, fields, "/form");
  const twice = Object.keys(fields).filter((field) => field !== "id" && field in input);
  const faults: Fault[] = twice.map((field) => ({ pointer: `/form/${field}`, detail: "is given in the query, too" }));
  const name = fields.name ?? input.name;
  const named = check(ArtifactName, name ?? file_name, name === undefined ? "/form/file" : "/form/name");
  faults.push(...form.faults, ...(form.faults.length === 0 ? named.faults : []));
  if (faults.length > 0) return refusedFor(faults);
  return ok({ ...input, ...(form.value as AddProof), name: named.value as string });
}

async function recordedOnce({ who, parts }: Adding, key: string | null, { said, received }: Arrived): Promise<Added> {
  const run = async (line: Line) => {
    const added = await record(line, who, said, received);
    if (!added.ok) return added;
    const value: ProofAnswer = { proof: proofView(added.value) };
    return ok({ status: added.value.fresh ? 201 : 200, value });
  };
  if (key === null) return run(parts.line) as Promise<Added>;
  const asked = { token_id: who.token_id, route: "addProof", key };
  const request_hash = hashOf("addProof", { ...said, checksum: received.checksum });
  const kept = await once(parts.line, { ...asked, request_hash }, async (line) => {
    const answer = await run(line);
    return answer.ok ? ok({ status: answer.value.status, body: JSON.stringify(answer.value.value) }) : answer;
  });
  if (!kept.ok) return kept;
  return ok({ status: kept.value.status as 200 | 201, value: JSON.parse(kept.value.body) as ProofAnswer });
}

export async function getProof({ who, input, parts, request }: Ask<"getProof">): Promise<Result<Reply<"getProof">>> {
  const opened = await openProof(parts.line, who, input);
  if (!opened.ok) return opened;
  const { proof, stream } = opened.value;
  const { id, name, media_type, checksum, size_bytes } = proof;
  if (stream === null) {
    parts.log.error({ request_id: request.id, proof_id: id, checksum }, "a proof is damaged or gone");
    return refused("internal", "The proof is damaged in the store. Bring the file back.");
  }
  return ok({ status: 200, value: null, file: { name, media_type, checksum, size_bytes, stream } });
}
