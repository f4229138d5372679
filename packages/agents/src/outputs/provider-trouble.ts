/** Tells from an agent's words whether its provider let it down: no quota left, not let in, or broken. Asked only where the agent failed: in the words of one that worked, the same phrases are talk. */

export type ProviderTrouble =
  /** `retry_after_s` is null where the words do not tell. */
  { kind: "quota"; retry_after_s: number | null } | { kind: "no_access" } | { kind: "broken" };

/** First that fits, line by line: a limit may come wrapped in words about access, not the other way round. */
const QUOTA: readonly RegExp[] = [
  /\b(usage|session|weekly|monthly|opus|spend(ing)?|credit|5-hour|message) limit (was |has been |is )?(reached|exceeded|hit)\b/i,
  /\b(hit|reached|exceeded) (your|the|its) ([\w-]+ ){0,2}limit\b/i,
  /\b(usage_limit_reached|rate_limit_error|rate_limit_exceeded|insufficient_quota|resource_exhausted|quota[_ ]exceeded)\b/i,
  /\brate limit (was |has been |is )?(exceeded|reached|hit)\b|\bratelimitexceeded\b/i,
  /\bexceeded your current quota\b|\bquota exceeded\b|\bout of (extra usage|credits?)\b|\bcredit balance is too low\b/i,
  /\b429\b.{0,40}\b(too many requests|rate|quota)\b|\b(api error|status|code)\W{0,3}429\b|\btoo many requests\b/i,
];
const NO_ACCESS: readonly RegExp[] = [
  /\binvalid (x-)?api[ -]key\b|\bincorrect api key\b|\bapi key (is )?(missing|not set|not found|expired|invalid)\b/i,
  /\bauthentication_error\b|\bauthentication (error|failed)\b|\bnot (logged|signed) in\b|\bplease (run \/login|log ?in|sign in)\b/i,
  /\boauth token (has )?(expired|been revoked)\b|\b(api error|status|code)\W{0,3}40[13]\b|\b401 unauthorized\b|\bpermission_error\b/i,
];
const BROKEN: readonly RegExp[] = [
  /\boverloaded(_error)?\b|\b(api error|status|code)\W{0,3}5\d\d\b|\bapi_error\b|\b50[0234] (internal server error|bad gateway|service unavailable|gateway timeout)\b/i,
  /\bstream (disconnected|closed) before completion\b|\berror sending request for url\b|\bconnection error\b/i,
];

const LINES_MAX = 200;
const LINE_MAX = 4_000;

/** `now`: seconds since 1970, for words that tell a moment. Looks at the last lines only. */
export function providerTrouble(words: string, now: number): ProviderTrouble | null {
  const lines = words
    .split("\n")
    .slice(-LINES_MAX)
    .map((line) => line.slice(0, LINE_MAX));
  const one = (patterns: readonly RegExp[]) => lines.some((line) => patterns.some((pattern) => pattern.test(line)));
  if (one(QUOTA)) return { kind: "quota", retry_after_s: retryAfter(lines, now) };
  if (one(NO_ACCESS)) return { kind: "no_access" };
  return one(BROKEN) ? { kind: "broken" } : null;
}

const DAY_S = 86_400;
const UNITS: Readonly<Record<string, number>> = { d: DAY_S, h: 3_600, m: 60, s: 1 };
const SPAN =
  /\b(?:try again|retry|retry[-_ ]?after|reset(?:s|_in_seconds)?|available)\b\W{0,3}(?:in|after)?\W{0,4}((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|days?|d|hours?|hrs?|h|minutes?|mins?|m|seconds?|secs?|s)\b[\s,]*)+)/i;
const PLAIN_SECONDS = /\b(?:retry[-_ ]after|resets_in_seconds)\W{1,4}(\d{1,7})\b/i;
/** `Claude AI usage limit reached|1749924000`, `"resets_at":1749924000`. */
const MOMENT = /(?:\||resets_at\W{1,4})(\d{10})\b/;

/** As the words tell it, at most a day: who waits longer than that asks again in between. Moments such as "3pm" are not read: whose afternoon is not said. */
function retryAfter(lines: readonly string[], now: number): number | null {
  for (const line of lines) {
    const moment = MOMENT.exec(line)?.[1];
    if (moment !== undefined && Number(moment) > now) return bounded(Number(moment) - now);
    const plain = PLAIN_SECONDS.exec(line)?.[1];
    if (plain !== undefined) return bounded(Number(plain));
    const span = SPAN.exec(line)?.[1];
    if (span !== undefined) return bounded(secondsOf(span));
  }
  return null;
}

function secondsOf(span: string): number {
  const parts = span.matchAll(/(\d+(?:\.\d+)?)\s*(milliseconds?|ms|[a-z])/gi);
  return [...parts].reduce((sum, [, count = "0", unit = "s"]) => {
    const of_a_second = /^m(s|illi)/i.test(unit) ? 0.001 : (UNITS[unit.toLowerCase()] ?? 1);
    return sum + Number(count) * of_a_second;
  }, 0);
}

function bounded(seconds: number): number {
  return Math.min(DAY_S, Math.max(1, Math.ceil(seconds)));
}
