/** Sends a file as an attachment: never shown inline, never guessed at, and cut off when it turns out to be damaged. */
import { pipeline, type Readable } from "node:stream";
import type { Response } from "express";
import type { Logger } from "pino";

export interface FileReply {
  name: string;
  media_type: string;
  /** SHA-256 in hex. */
  checksum: string;
  size_bytes: number;
  /** Ends with an error, short of its last bytes, when it is not what the checksum says. */
  stream: Readable;
}

/** A reader that takes nothing for so long is let go. */
const SILENCE_MS = 60_000;

export function sendFile(
  response: Response,
  { name, media_type, checksum, size_bytes, stream }: FileReply,
  log: Logger,
): void {
  response.status(200).set({
    "Cache-Control": "no-store",
    "Content-Length": String(size_bytes),
    "Content-Disposition": attachment(name),
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    ETag: `"${checksum}"`,
  });
  // As it was given: Express would add a charset of its own.
  response.setHeader("Content-Type", media_type);
  response.setTimeout(SILENCE_MS, () => response.destroy());
  if (response.req.method === "HEAD") {
    stream.destroy();
    response.end();
    return;
  }
  // What went wrong on the way cannot be said any more: the connection breaks, short of the announced length.
  pipeline(stream, response, (error) => {
    if (error instanceof Error && error.name !== "AbortError" && !response.writableFinished) tell(error);
  });

  function tell(error: Error): void {
    const gone = "code" in error && error.code === "ERR_STREAM_PREMATURE_CLOSE";
    if (!gone)
      log.error({ request_id: response.req.id, checksum, fault: error.name }, "a file could not be sent as a whole");
  }
}

/** RFC 6266: a plain name for old readers, the true one for all others. */
function attachment(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const exact = encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
