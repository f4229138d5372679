/** `baton ledger`: exports the ledger of a task, or of every task of a run, for `baton verify`. */
import { writeFile } from "node:fs/promises";
import type { Client } from "@baton/client";
import type { LedgerView } from "@baton/domain/api";
import { answered, Complaint } from "./complaint.ts";
import { EXIT } from "./exit-codes.ts";
import { print } from "./output.ts";
import { tasksOf } from "./tasks-of-run.ts";
import { LEDGERS_FORMAT } from "./verify.ts";

export async function exportLedger(client: Client, id: string, output: string | undefined): Promise<number> {
  const text = `${JSON.stringify(await ledgersOf(client, id), null, 2)}\n`;
  if (output === undefined) print(text);
  else await write(output, text);
  return EXIT.ok;
}

type Ledgers = LedgerView | { format: typeof LEDGERS_FORMAT; ledgers: LedgerView[] };

async function ledgersOf(client: Client, id: string): Promise<Ledgers> {
  const task = await client.call("ledger", { params: { id } });
  if (task.ok || task.problem.code !== "not_found") return answered(task);
  answered(await client.call("getRun", { params: { id } }));
  const ledgers: LedgerView[] = [];
  for (const { id: task_id } of await tasksOf(client, id)) {
    ledgers.push(answered(await client.call("ledger", { params: { id: task_id } })));
  }
  return { format: LEDGERS_FORMAT, ledgers };
}

async function write(output: string, text: string): Promise<void> {
  try {
    await writeFile(output, text);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Complaint(`${output} cannot be written (${code})`, EXIT.cannot_write);
  }
}
