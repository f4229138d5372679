/** The proof of qa: the report of the tests; where no tool wrote one, what the test command printed and how it ended. */
import type { Check, LeftProof } from "@baton/domain";
import { summariseTests } from "../built-in/qa.ts";
import type { Evidence } from "./leave.ts";

type Tested = Pick<Evidence, "work" | "checked" | "said">;

/** Null when nothing was run. */
export function testReport({ work, checked, said }: Tested): LeftProof | null {
  const summary = summariseTests({ ...checked, tests: checked.tests ?? work.reports.tests }) || said;
  const junit = checked.texts.get("junit.xml") ?? work.reports.texts.get("junit.xml");
  if (junit !== undefined) {
    return proof("junit.xml", summary, "application/xml", junit);
  }
  const printed = checked.checks.length > 0 ? checked.checks.map(runOf).join("\n") : outputOf(work);
  return printed === null ? null : proof("tests.txt", summary, "text/plain; charset=utf-8", printed);
}

function proof(name: string, summary: string, media_type: string, text: string): LeftProof {
  return { kind: "test_result", name, summary, media_type, content: Buffer.from(text) };
}

function runOf({ command, exit_code, duration_ms, output }: Check): string {
  const end = exit_code === null ? "did not finish" : `exit code ${exit_code}`;
  return `$ ${command}\n${end}, ${(duration_ms / 1_000).toFixed(1)} s\n\n${output}\n`;
}

/** The stage's own command tests in its own way. */
function outputOf({ command, said }: Tested["work"]): string | null {
  return command === null ? null : `$ ${command}\n\n${said}\n`;
}
