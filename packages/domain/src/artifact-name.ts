/** What an artifact may be called, how much an attempt may leave, and which media type it is kept under. Where the bytes lie has nothing to do with the name. */
import { z } from "zod";

export const ARTIFACT_NAME_MAX = 255;

/** Of one file, unless the operator says otherwise. */
export const ARTIFACT_MAX_BYTES = 64 * 1024 * 1024;
/** Of all files that one attempt puts, older ones of the same name included. */
export const ATTEMPT_MAX_BYTES = 1024 * 1024 * 1024;
export const ATTEMPT_MAX_ARTIFACTS = 500;

/** One file name: no path, no control characters, well-formed Unicode in its composed form (NFC). */
export const ArtifactName = z
  .string()
  .max(5 * ARTIFACT_NAME_MAX)
  .refine((name) => name.isWellFormed(), "must be well-formed Unicode")
  .normalize("NFC")
  .min(1)
  .max(ARTIFACT_NAME_MAX)
  .refine((name) => !/[/\\\p{Cc}\p{Zl}\p{Zp}]/u.test(name), "must be a file name: no slashes, no control characters")
  .refine((name) => name !== "." && name !== "..", "must be a file name, not a folder");

export const OPAQUE_TYPE = "application/octet-stream";

const TOKEN = "[\\w!#$%&'*+.^`|~-]+";
const MEDIA_TYPE = new RegExp(
  `^${TOKEN}/${TOKEN}(\\s*;\\s*${TOKEN}=(${TOKEN}|"[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]*"))*$`,
);

/** The type as it was given, or the one that says nothing when that is not a media type (RFC 9110). */
export function mediaTypeOr(given: string | null | undefined): string {
  const type = given?.trim() ?? "";
  return type.length <= 255 && MEDIA_TYPE.test(type) ? type : OPAQUE_TYPE;
}

const TYPES: Readonly<Record<string, string>> = {
  ...{ json: "application/json", sarif: "application/sarif+json", xml: "application/xml", yaml: "application/yaml" },
  ...{ yml: "application/yaml", pdf: "application/pdf", zip: "application/zip", gz: "application/gzip" },
  ...{ md: "text/markdown", txt: "text/plain", log: "text/plain", csv: "text/csv", html: "text/html" },
  ...{ diff: "text/x-diff", patch: "text/x-diff", png: "image/png", jpg: "image/jpeg", jpeg: "image/jpeg" },
  ...{ gif: "image/gif", webp: "image/webp", svg: "image/svg+xml" },
};

/** For a file of which only the name is known. */
export function mediaTypeOfName(name: string): string {
  const extension = /\.([a-z]{2,5})$/.exec(name.toLowerCase())?.[1] ?? "";
  return (Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined) ?? OPAQUE_TYPE;
}
