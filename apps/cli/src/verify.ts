/** `baton verify`: checks exported ledgers with no server, and names the first broken link. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { type Sha256, type Verified, verifyLedger } from "@baton/domain";
import { LedgerView } from "@baton/domain/api";
import { z } from "zod";
import { Complaint } from "./complaint.ts";
import { EXIT } from "./exit-codes.ts";
import { print } from "./output.ts";

/** What `baton ledger` writes for a run. */
export const LEDGERS_FORMAT = "baton-ledgers/1";
const Exported = z.union([LedgerView, z.object({ format: z.literal(LEDGERS_FORMAT), ledgers: z.array(LedgerView) })]);

const sha256: Sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

/** `file` may be `-` for standard input. Gives the exit code: 1 when a ledger does not hold. */
export async function verify(file: string, { json = false }: { json?: boolean }): Promise<number> {
  const exported = parsed(file === "-" ? await text(process.stdin) : await read(file));
  const ledgers = "ledgers" in exported ? exported.ledgers : [exported];
  const results = ledgers.map((ledger) => ({ task_id: ledger.task_id, ...verifyLedger(ledger, sha256) }));
  const holds = results.every((result) => result.ok);
  print(json ? `${JSON.stringify({ ok: holds, ledgers: results }, null, 2)}\n` : results.map(line).join(""));
  return holds ? EXIT.ok : EXIT.failed;
}

function line({ task_id, ...result }: Verified & { task_id: string }): string {
  if (result.ok) return `task ${task_id}: all ${result.entries} entries hold\n`;
  const where = result.seq === null ? "broken" : `broken at entry ${result.seq}`;
  return `task ${task_id}: ${where}: ${result.problem}\n`;
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
    throw new Complaint(`${file} cannot be read (${code})`, EXIT.no_input);
  }
}

function parsed(content: string): z.infer<typeof Exported> {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new Complaint("this is not JSON: give what `baton ledger` wrote", EXIT.data);
  }
  const exported = Exported.safeParse(value);
  if (!exported.success) throw new Complaint("this is not a ledger: give what `baton ledger` wrote", EXIT.data);
  return exported.data;
}
