/** The second clock of a lease: what counts as something new of the work. Liveness is the first one, and needs no evidence. */
import { z } from "zod";

const count = z.int().min(0).max(1_000_000_000);

/** What can be seen of the work without asking the agent: each part is told when it is known. */
export const ProgressEvidence = z.strictObject({
  /** Of everything that differs from the commit the work started from. */
  diff_sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex")
    .optional(),
  /** Tests that there are by now. */
  tests: count.optional(),
  artifacts: count.optional(),
});
export type ProgressEvidence = z.infer<typeof ProgressEvidence>;

const PARTS = ["diff_sha256", "tests", "artifacts"] as const;

/**
 * One line that changes when the evidence does; null while there has been none. A part that is left out is as it was in
 * the mark before, so that agents may tell one part at a time.
 */
export function progressMark(before: string | null, evidence: ProgressEvidence): string | null {
  const known = new Map((before ?? "").split(" ").map((part) => part.split("=") as [string, string]));
  const parts = PARTS.flatMap((name) => {
    const value = evidence[name] ?? known.get(name);
    return value === undefined ? [] : [`${name}=${value}`];
  });
  return parts.length === 0 ? null : parts.join(" ");
}
