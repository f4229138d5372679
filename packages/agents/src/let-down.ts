/** Whose fault it was that a model's agent failed, where its words tell: the provider's, or of the machine that has no access to it. */
import type { Usage } from "@baton/domain";
import { type Assignment, type Ended, failed, outOfQuota } from "./assignment.ts";
import type { CommandEnd } from "./command.ts";
import { providerTrouble } from "./outputs/provider-trouble.ts";
import { tailOf } from "./program-end.ts";
import type { Session } from "./session.ts";

/** Programs that speak to a provider. What others print of limits and keys is their own affair. */
const AGENTS = /(?:^|[\s/'"])(?:claude|codex|goose|gemini|opencode|aider|cursor-agent|amp|qwen)(?:['"]?(?:\s|$))/;

/** Null when the failure is the task's own. */
export function letDown(
  { agent_kind }: Assignment,
  run: string,
  session: Session,
  end: CommandEnd,
  { why, usage }: { why: string; usage: Usage },
): { ok: false; ended: Ended } | null {
  if (session.told === null && agent_kind === undefined && !AGENTS.test(run)) return null;
  const trouble = providerTrouble(wordsOf(session, end), Date.now() / 1_000);
  switch (trouble?.kind) {
    case undefined:
      return null;
    case "quota":
      return outOfQuota(why, usage, trouble.retry_after_s);
    case "no_access":
      return failed(why, "environment", usage);
    case "broken":
      return failed(why, "provider", usage);
  }
}

/** In a known format what it says of its failure, and what stands beside the format: its objects repeat what the project's own programs print. */
function wordsOf({ told }: Session, end: CommandEnd): string {
  const tail = tailOf(end);
  if (told === null) return tail;
  const beside = tail.split("\n").filter((line) => !/^[\s{}[\]"]/.test(line));
  return [...beside, told.error ?? ""].join("\n");
}
