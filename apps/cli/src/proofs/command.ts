/** `baton proofs`: its commands and what they take. */
import type { Command } from "commander";
import { complaining } from "../complaint.ts";
import { connect } from "../connect.ts";
import { type BackfillOptions, backfill } from "./backfill.ts";

export function addProofsCommand(baton: Command): void {
  baton
    .command("proofs")
    .description("evidence of work")
    .command("backfill")
    .description("take in files that lie in <folder>/<task or run>/… as proofs; again: only what is new")
    .argument("<folder>", "its folders are named after tasks, or after runs with their tasks' folders inside")
    .option("--dry-run", "only say what would be taken in")
    .option("--json", "answer as JSON")
    .action((folder: string, options: BackfillOptions) =>
      complaining(async () => backfill(await connect(), folder, options)),
    );
}
