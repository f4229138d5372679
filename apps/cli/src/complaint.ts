/** What ends a command with one line and an exit code, without a stack. */
import { ServerAway } from "@baton/client";
import type { ProblemView } from "@baton/domain/api";
import { EXIT, EXIT_OF } from "./exit-codes.ts";
import { NEXT_STEP } from "./hints.ts";
import { plain } from "./plain.ts";

export class Complaint extends Error {
  readonly exit_code: number;
  /** What the server refused, when it was the server. */
  readonly problem: ProblemView | null;

  constructor(message: string, exit_code: number, problem: ProblemView | null = null) {
    super(message);
    this.exit_code = exit_code;
    this.problem = problem;
  }
}

/** The answer's value; a refusal becomes a complaint that says what to do next. */
export function answered<T>(called: { ok: true; value: T } | { ok: false; problem: ProblemView }): T {
  if (called.ok) return called.value;
  const { code, detail, errors = [], allowed } = called.problem;
  const where = errors.map((error) => ` ${error.pointer || "/"}: ${error.detail};`).join("");
  const instead = allowed === undefined || allowed.length === 0 ? "" : ` Allowed: ${allowed.join(", ")}.`;
  throw new Complaint(`${detail}${where}${instead} Next: ${NEXT_STEP[code]}.`, EXIT_OF[code], called.problem);
}

/** Runs a command: its exit code, or one line on stderr with the code of the complaint. */
export async function complaining(command: () => Promise<number>): Promise<void> {
  process.exitCode = await command().catch((error: unknown) => {
    if (error instanceof Complaint) return said(error.message, error.exit_code);
    if (error instanceof ServerAway) return said(`${error.message} ${START_IT}`, EXIT.unavailable);
    // Ours to mend: whoever reads it needs no stack.
    return said(error instanceof Error ? `${error.name}: ${error.message}` : String(error), EXIT.broken);
  });
}

const START_IT = 'Next: start it with "npm start", or set BATON_URL to where it listens.';

/** One line, whatever the server put into its words. */
function said(message: string, exit_code: number): number {
  process.stderr.write(`baton: ${plain(message)}\n`);
  return exit_code;
}
