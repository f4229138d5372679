/** What the words of failing agents mean. The words are those that the programs print, as users have reported them. */
import { expect, test } from "vitest";
import { providerTrouble } from "./provider-trouble.ts";

const NOW = 1_749_920_000;
const trouble = (words: string) => providerTrouble(words, NOW);

test.each([
  ["Claude AI usage limit reached|1749924000", 4_000],
  ["Claude usage limit reached. Your limit will reset at 3pm (America/Santiago).", null],
  ["You've hit your limit for Claude messages. Limits will reset at 9:30 AM.", null],
  ["You're out of extra usage · resets 1pm (America/Los_Angeles)", null],
  ['API Error: 429 {"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed"}}', null],
  ["You've hit your usage limit. To get more access now, send a request or try again in 6 hours 57 minutes.", 25_020],
  ["You've hit your usage limit. Try again in 3 days 4 hours.", 86_400],
  ["exceeded retry limit, last status: 429 Too Many Requests, request id: 9c84b52c", null],
  ["Rate limit reached for gpt-5 in organization org-x. Please try again in 1.898s.", 2],
  ["Rate limit reached for gpt-5. Please try again in 28ms.", 1],
  ['{"error":{"type":"usage_limit_reached","plan_type":"free","resets_in_seconds":6027}}', 6_027],
  ["Ran into this error: Rate limit exceeded: Max retries exceeded for rate limit error.", null],
  ['{"error":{"code":429,"status":"RESOURCE_EXHAUSTED"}}', null],
  ["HTTP 429 Too Many Requests\nRetry-After: 30", 30],
  ["Credit balance is too low", null],
])("no quota: %s", (words, retry_after_s) => {
  expect(trouble(words)).toEqual({ kind: "quota", retry_after_s });
});

test.each([
  "Invalid API key · Please run /login",
  "Ran into this error: Authentication error: Authentication failed. Status: 401 Unauthorized. Response: invalid x-api-key.",
  'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"OAuth token has expired."}}',
  "unexpected status 401 Unauthorized: Missing bearer or basic authentication in header",
  "Not logged in",
])("not let in: %s", (words) => {
  expect(trouble(words)).toEqual({ kind: "no_access" });
});

test.each([
  'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
  "stream disconnected before completion: Transport error: timeout",
  "unexpected status 503 Service Unavailable",
])("broken: %s", (words) => {
  expect(trouble(words)).toEqual({ kind: "broken" });
});

test.each([
  "AssertionError: expected 429 to be 428",
  "src/limits.ts:401:5 - error TS2322",
  "npm ERR! code ENOENT",
  "listening on port 5000",
  "",
])("the task's own: %s", (words) => {
  expect(trouble(words)).toBeNull();
});

test("a limit that is wrapped in words about access is a limit", () => {
  expect(trouble("Authentication failed: usage limit reached")).toMatchObject({ kind: "quota" });
});

test("a moment that has passed is not waited for", () => {
  expect(trouble("Claude AI usage limit reached|1749910000")).toEqual({ kind: "quota", retry_after_s: null });
});

test("only the end of long words is looked at, and it costs next to no time", () => {
  const begun = performance.now();
  expect(
    trouble(`usage limit reached\n${"retry in 1h 1h 1h 1h hit your the limit ".repeat(200)}\n`.repeat(300)),
  ).not.toBeNull();
  expect(trouble(`usage limit reached\n${"fine\n".repeat(300)}`)).toBeNull();
  expect(performance.now() - begun).toBeLessThan(2_000);
});
