/** Puts a file that the agent left in BATON_OUT/artifacts under the lease. */
import { Readable } from "node:stream";
import type { FileKept, LeftFile } from "@baton/agents";
import { mediaTypeOfName } from "@baton/domain";
import type { LeaseView } from "@baton/domain/api";
import type { Desk } from "./claim-next.ts";

/** A stream can be sent once: each try opens the file anew. */
export async function keepFile(
  { client, patience }: Desk,
  { id, epoch }: LeaseView,
  file: LeftFile,
  signal: AbortSignal,
): Promise<FileKept> {
  const answer = await patience.untilAnswered(
    async (stop) =>
      client.call("putArtifact", {
        params: { id, name: file.name },
        query: { epoch },
        file: Readable.toWeb(await file.open()) as ReadableStream<Uint8Array>,
        media_type: mediaTypeOfName(file.name),
        signal: stop,
      }),
    signal,
  );
  if (answer.ok) return "kept";
  return answer.status === 410 ? "lost" : { refused: answer.problem.detail };
}
