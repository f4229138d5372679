/** What kind of proof a file is, where nobody said it: a guess from its name and its media type. */
import type { ProofKind } from "./proof.ts";

/** In this order: a picture of failing tests is a picture, the log of a test run is a test result. */
const BY_NAME: readonly (readonly [ProofKind, RegExp])[] = [
  ["code_diff", /\.(diff|patch)$/i],
  ["screenshot", /\.(png|jpe?g|gif|webp|avif|bmp)$/i],
  ["test_result", /(^|[-_.])(junit|tests?|coverage|lcov|tap|ctrf)([-_.]|$)|\.trx$/i],
  ["log", /\.(log|out|err)(\.\d+)?(\.gz)?$|(^|[-_.])(stdout|stderr)([-_.]|$)/i],
  ["report", /\.(sarif|html?|pdf|md|csv)$|(^|[-_.])(report|results?|scan|audit|summary|lint)([-_.]|$)/i],
];

const BY_MEDIA_TYPE: readonly (readonly [ProofKind, RegExp])[] = [
  ["code_diff", /^text\/(x-)?(diff|patch)\b/i],
  ["screenshot", /^image\//i],
  ["report", /^(application\/(sarif\+json|pdf)|text\/(html|markdown|csv))\b/i],
];

/** The name says more than the media type, except of a picture: nothing else calls itself one by accident. */
export function proofKindOf(name: string, media_type: string): ProofKind {
  if (/^image\//i.test(media_type)) return "screenshot";
  const first = (kinds: typeof BY_NAME, subject: string) => kinds.find(([, pattern]) => pattern.test(subject))?.[0];
  return first(BY_NAME, name) ?? first(BY_MEDIA_TYPE, media_type) ?? "other";
}
