/** `baton ledger` and `baton verify`: what they take, and what they are handed. */
import type { Command } from "commander";
import { complaining } from "../complaint.ts";
import { connect } from "../connect.ts";
import { exportLedger } from "../ledger.ts";
import { verify } from "../verify.ts";

export function addEvidenceCommands(baton: Command): void {
  baton
    .command("ledger")
    .description("export the ledger of a task, or of all tasks of a run")
    .argument("<id>", "a task or a run")
    .option("-o, --output <file>", "write to a file")
    .action((id: string, { output }: { output?: string }) =>
      complaining(async () => exportLedger(await connect(), id, output)),
    );
  baton
    .command("verify")
    .description("check exported ledgers, with no server; exit code 1 when one does not hold")
    .summary("check exported ledgers, with no server")
    .argument("<file>", "what `baton ledger` wrote; - for standard input")
    .option("--json", "answer as JSON")
    .action((file: string, options: { json?: boolean }) => complaining(() => verify(file, options)));
}
