/** Artifacts over HTTP: a file comes in as the body of a PUT, and goes out as an attachment that no browser opens. */
import { ok, type Result, refused } from "@baton/domain";
import { artifactView, openArtifact, putArtifact as put } from "@baton/pipeline";
import type { Ask, Reply } from "./handlers.ts";
import { announcedOf, withBody } from "./upload.ts";

export async function putArtifact({
  who,
  input,
  parts,
  request,
}: Ask<"putArtifact">): Promise<Result<Reply<"putArtifact">>> {
  const { id: lease_id, epoch, name } = input;
  const announced = announcedOf(request, parts.uploads);
  if (!announced.ok) return announced;
  const answer = await withBody(request, parts.uploads, (stream) =>
    put(parts.line, who, { lease_id, epoch, name, stream, ...announced.value }),
  );
  if (!answer.ok) return answer;
  const { artifact, fresh } = answer.value;
  return ok({ status: fresh ? 201 : 200, value: { artifact: artifactView(artifact) } });
}

export async function getArtifact({
  who,
  input,
  parts,
  request,
}: Ask<"getArtifact">): Promise<Result<Reply<"getArtifact">>> {
  const opened = await openArtifact(parts.line, who, input);
  if (!opened.ok) return opened;
  const { artifact, stream } = opened.value;
  const { id, name, media_type, checksum, size_bytes } = artifact;
  if (stream === null) {
    parts.log.error({ request_id: request.id, artifact_id: id, checksum }, "an artifact is damaged or gone");
    return refused("internal", "The artifact is damaged in the store. Put it again, or bring the file back.");
  }
  return ok({ status: 200, value: null, file: { name, media_type, checksum, size_bytes, stream } });
}
