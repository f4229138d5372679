/** What the program says when it cannot start, and with which exit code: 75 for a taken port, 78 when only other settings help, else 1. */
import { isAway, tellable } from "@baton/pipeline";
import type { Settings } from "./env.ts";

export interface LastWords {
  /** One line, never with SQL or with what was sent. */
  words: string;
  exit_code: 1 | 75 | 78;
}

const TAKEN = ["EADDRINUSE", "EACCES"];
/** They say themselves what to do. */
const UNFIT = ["QueueUnfit", "StoreUnfit", "DataFolderUnfit", "AdminTokenUnfit"];

type Failure = Error & { code?: string; syscall?: string; reason?: string };

export function lastWords(error: unknown, { PORT, HOST }: Pick<Settings, "PORT" | "HOST">): LastWords {
  const failure: Failure = error instanceof Error ? error : new Error(String(error));
  const { code = "", name, syscall, reason } = failure;
  // Files and folders are refused with the same codes.
  if (syscall === "listen" && TAKEN.includes(code))
    return { words: `Port ${PORT} on ${HOST} cannot be used (${code}). Set PORT to another.`, exit_code: 75 };
  if (UNFIT.includes(name)) return { words: failure.message, exit_code: reason === "unreachable" ? 1 : 78 };
  return { words: syscall === undefined ? plainly(failure) : failure.message, exit_code: 1 };
}

/** Around what the database said stands the statement with its values. */
function plainly(error: Error): string {
  const { state } = tellable(error);
  const code = typeof state === "string" ? ` (${state})` : "";
  if (isAway(error)) return `The database does not answer${code}.`;
  if (code !== "") return `The database cannot be used as it is${code}.`;
  let inner = error;
  while (inner.cause instanceof Error) inner = inner.cause;
  return inner.message;
}
