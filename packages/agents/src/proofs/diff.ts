/** The proof of dev: what its commit changes, as a diff. */
import type { LeftProof } from "@baton/domain";
import type { Attempt } from "../attempt.ts";
import { plural } from "../built-in/work.ts";
import type { ChangedFile } from "../revisions.ts";

/** More is cut: nobody reads it, and the commit has it all. */
const DIFF_MAX_BYTES = 5 * 1024 * 1024;

/** Null when nothing was changed. Settings of the repository (diff drivers, text conversion) run no program of theirs. */
export async function diffOf(
  { repository, start }: Pick<Attempt, "repository" | "start">,
  { files, commit }: { files: readonly ChangedFile[]; commit: string },
  max_bytes = DIFF_MAX_BYTES,
): Promise<LeftProof | null> {
  if (files.length === 0) return null;
  const how = ["--no-color", "--no-ext-diff", "--no-textconv", "--no-renames", "--src-prefix=a/", "--dst-prefix=b/"];
  const { bytes, whole } = await repository.git.head(["diff", ...how, start, commit, "--"], max_bytes);
  const content = whole ? bytes : Buffer.concat([wholeLines(bytes), Buffer.from(cutNote(start, commit, max_bytes))]);
  const summary = `${changes(files)}${whole ? "" : " (cut)"}`;
  return { kind: "code_diff", name: "changes.diff", summary, media_type: "text/x-diff", content };
}

function changes(files: readonly ChangedFile[]): string {
  const sum = (count: (file: ChangedFile) => number | null) => files.reduce((all, file) => all + (count(file) ?? 0), 0);
  return `${plural(files.length, "file")} changed, +${sum((file) => file.insertions)} -${sum((file) => file.deletions)}`;
}

function wholeLines(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1);
}

function cutNote(start: string, commit: string, max_bytes: number): string {
  return `# Cut after ${max_bytes} bytes. All of it: git diff ${start} ${commit}\n`;
}
