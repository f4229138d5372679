/** What a database error means to us: gone for now, worth another try at once (here or on another connection), or a duplicate. Everything else is a bug. */

/** SQLSTATE of the error, looking through the wrappers that libraries put around it. */
export function sqlState(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && typeof at.code === "string") return at.code;
  }
  return null;
}

// Classes of https://www.postgresql.org/docs/current/errcodes-appendix.html and of Node's sockets.
const AWAY = /^(08|53|57P|57014|58|25P03|55P03|ECONN|ENOENT|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN)/;
const AWAY_TEXT = /timeout|terminated|not queryable|Connection ended|Client was closed|Cannot use a pool after/i;

/** True when the server could not answer: nothing is known about what it did. */
export function isAway(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== null) return AWAY.test(state);
  for (let at = error; at instanceof Error; at = at.cause) {
    if (AWAY_TEXT.test(at.message)) return true;
  }
  return false;
}

/** True when two statements got in each other's way: nothing was done, and the same again will work. */
export function isCollision(error: unknown): boolean {
  const state = sqlState(error);
  return state === "40P01" || state === "40001";
}

/**
 * True when a table has other columns than when this connection prepared the statement: nothing was done, and this connection
 * will never do it. Told by the place in the server's code, since the words are in the server's language.
 */
export function isOutdated(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ("code" in at && at.code === "0A000") return "routine" in at && at.routine === "RevalidateCachedQuery";
  }
  return false;
}

/** True when another transaction kept a row locked for too long: nothing was done, and only who wants that row is concerned. */
export function isRowBusy(error: unknown): boolean {
  return sqlState(error) === "55P03";
}

/** True when a unique index said no. */
export function isDuplicate(error: unknown): boolean {
  return sqlState(error) === "23505";
}

/** What a log may hold of an error. The text of a database error can quote what somebody sent, so its code has to do. */
export function tellable(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { fault: typeof error };
  const state = sqlState(error);
  const frames = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return { fault: error.name, ...(state === null ? { message: error.message } : { state }), stack: frames.join("\n") };
}
