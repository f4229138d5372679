/** What the acts make of what was seen: answers of an API that is looked at, and calls out of histories. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { monotonic, openHistory } from "../history/write.ts";
import { judgeLooks } from "./look-on.ts";
import { brokenAnswers, quantile, seenBetween } from "./seen.ts";

const good = { status: 200, ms: 10, retry_after: false };

test("answers in time that are 200, or 503 with Retry-After, are in order", () => {
  expect(judgeLooks([good, { status: 503, ms: 5_200, retry_after: true }])).toEqual([]);
});

test("an answer that says something else, or does not say when to come again, is a violation", () => {
  const odd = (status: number, retry_after: boolean) => judgeLooks([good, { status, ms: 10, retry_after }]);
  for (const found of [odd(500, true), odd(502, false), odd(503, false), odd(401, false)]) {
    expect(found.map(({ invariant }) => invariant)).toEqual(["clients see only 503 with Retry-After"]);
  }
});

test("an answer that never came, or came late, is a violation, whatever it says", () => {
  const late = (status: number) => judgeLooks([good, { status, ms: 9_000, retry_after: true }]);
  for (const found of [late(0), late(200), late(503)]) {
    expect(found.map(({ invariant }) => invariant)).toEqual(["every request is answered in time"]);
  }
});

test("of all calls those of the stretch are seen, with how they ended", () => {
  const folder = mkdtempSync(join(tmpdir(), "baton-seen-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const history = openHistory(join(folder, "one.jsonl"), "one");
  const send = () => history.invoke({ op: "create_run", key: "k", tasks: 1 });
  history.ok(send(), {});
  const from = monotonic();
  history.ok(send(), {});
  history.fail(send(), 409, "conflict");
  history.info(send(), "500 internal");
  history.info(send(), "503 unavailable");
  history.info(send(), "TimeoutError: …");
  send();
  const to = monotonic();
  history.ok(send(), {});
  history.close();
  const seen = seenBetween(folder, from, to);
  expect(seen.map(({ end }) => end)).toEqual(["ok", "refused", "lost", "lost", "lost", "open"]);
  expect(seen.every(({ ms }) => ms >= 0)).toBe(true);
  expect(brokenAnswers(seen, ["503"]).map((text) => text.slice(0, 24))).toEqual(["create_run: 500 internal"]);
  expect(brokenAnswers(seen, [])).toHaveLength(2);
});

test("a quantile is one of the values", () => {
  expect(quantile([5, 1, 3, 2, 4], 0.5)).toBe(3);
  expect(quantile([5, 1, 3, 2, 4], 0.99)).toBe(5);
  expect(quantile([7], 1)).toBe(7);
  expect(quantile([], 0.5)).toBe(0);
});
