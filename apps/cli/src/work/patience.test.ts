/** Which answers are waited over, and which are told. */
import type { ProblemView } from "@baton/domain/api";
import { expect, test } from "vitest";
import { withPatience } from "./patience.ts";

const refused = (status: number, code: string) => ({
  ok: false as const,
  status,
  problem: { code, detail: "not now" } as ProblemView,
});

const never = new AbortController().signal;

test.each([
  [409, "idempotency_in_progress"],
  [409, "conflict"],
  [408, "request_timeout"],
  [503, "unavailable"],
])("after %i %s the same call is made again", async (status, code) => {
  const answers = [refused(status, code), { ok: true as const }];
  const answer = await withPatience(() => {}).untilAnswered(async () => answers.shift() ?? refused(500, "none"), never);
  expect(answer).toEqual({ ok: true });
});

test.each([
  [409, "claim_id_used"],
  [410, "lease_lost"],
  [422, "contract_violated"],
])("%i %s is an answer", async (status, code) => {
  const answer = refused(status, code);
  expect(await withPatience(() => {}).untilAnswered(async () => answer, never)).toBe(answer);
});
