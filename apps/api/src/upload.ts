/** The body of an upload as a stream: what its headers announce, and the deadlines it has. */
import { PassThrough, type Readable } from "node:stream";
import { ARTIFACT_MAX_BYTES, mediaTypeOr, ok, type Result, refused } from "@baton/domain";
import type { Request } from "express";

export interface UploadLimits {
  /** Of one file. */
  limit_bytes: number;
  /** Longest without a byte. */
  silence_ms: number;
  /** Longest for the whole file. */
  whole_ms: number;
  /** Longest for a body that is no file. */
  body_ms: number;
}

export const UPLOADS: UploadLimits = {
  limit_bytes: ARTIFACT_MAX_BYTES,
  silence_ms: 20_000,
  whole_ms: 600_000,
  body_ms: 30_000,
};

export interface Announced {
  media_type: string;
  limit_bytes: number;
  expected_sha256: string | undefined;
  expected_bytes: number | undefined;
}

/** What was said of the bytes before they came. Contradictions and what cannot be checked are refused. */
export function announcedOf(request: Request, { limit_bytes }: UploadLimits): Result<Announced> {
  const encoding = request.get("content-encoding");
  if (encoding !== undefined && encoding.trim().toLowerCase() !== "identity") {
    return refused("unsupported_media_type", "Send the file as it is, without a Content-Encoding.");
  }
  const checksum = checksumOf(request);
  if (!checksum.ok) return checksum;
  const length = request.get("content-length");
  const expected_bytes = length === undefined ? undefined : Number(length);
  if (expected_bytes !== undefined && expected_bytes > limit_bytes) {
    return refused("too_large", `The file is larger than ${limit_bytes} bytes.`);
  }
  return ok({
    media_type: mediaTypeOr(request.get("content-type")),
    ...{ limit_bytes, expected_sha256: checksum.value, expected_bytes },
  });
}

const HEX = /^[0-9a-f]{64}$/;
/** 32 bytes. */
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;

/** From `X-Checksum-Sha256` (hex), `Content-Digest` (RFC 9530) or `Digest` (RFC 3230), as lower-case hex. */
function checksumOf(request: Request): Result<string | undefined> {
  const found: (string | null)[] = [];
  const plain = request.get("x-checksum-sha256")?.trim().toLowerCase();
  if (plain !== undefined) found.push(HEX.test(plain) ? plain : null);
  for (const [header, form] of DIGESTS) {
    const value = request.get(header);
    if (value !== undefined) found.push(digestIn(value, form));
  }
  if (found.includes(null)) return refused("invalid_request", NOT_READABLE);
  const [first] = found;
  if (found.some((one) => one !== first))
    return refused("invalid_request", "The checksums sent contradict each other.");
  return ok(first ?? undefined);
}

const DIGESTS = [
  ["content-digest", /^:(.*):$/],
  ["digest", /^(.*)$/],
] as const;

const NOT_READABLE =
  "A checksum must be a SHA-256: X-Checksum-Sha256: <hex>, Digest: sha-256=<base64> or Content-Digest: sha-256=:<base64>:.";

/** The SHA-256 of a list of digests; null when there is none in it that we can check. */
function digestIn(header: string, form: RegExp): string | null {
  for (const item of header.split(",")) {
    const at = item.indexOf("=");
    if (item.slice(0, at).trim().toLowerCase() !== "sha-256") continue;
    const base64 = form.exec(item.slice(at + 1).trim())?.[1] ?? "";
    return BASE64.test(base64) ? Buffer.from(base64, "base64").toString("hex") : null;
  }
  return null;
}

/**
 * Gives the body to `take` as a stream that ends with an error when the caller falls silent, takes too long or goes away.
 * The request itself is left as it is: there is an answer to be sent on it.
 */
export async function withBody<T>(
  request: Request,
  { silence_ms, whole_ms }: UploadLimits,
  take: (body: Readable) => Promise<T>,
): Promise<T> {
  const body = new PassThrough();
  const end = (why: string) => () => body.destroy(new Error(why));
  const silence = setTimeout(end("nothing arrives any more"), silence_ms);
  const whole = setTimeout(end("it takes too long"), whole_ms);
  const gone = end("the caller is gone");
  const heard = () => silence.refresh();
  // Nobody may be listening when it ends early.
  body.on("error", () => {});
  request.once("close", gone).once("error", gone).on("data", heard);
  request.once("end", () => request.off("close", gone));
  request.pipe(body);
  try {
    return await take(body);
  } finally {
    clearTimeout(silence);
    clearTimeout(whole);
    request.unpipe(body).off("close", gone).off("error", gone).off("data", heard);
    body.destroy();
  }
}
