/** Packets of a feature that are badly put: each refusal is a 400 or 413 that says where, and writes nothing. */
import { expect, test } from "vitest";
import { feature, packetOf, packetsOf, sendPacket } from "./testing/features.ts";
import { serve } from "./testing/served.ts";

const api = await serve();

const listed = (id: string) => packetsOf(api, id);
const send = (id: string, body: unknown) => sendPacket(api.producer, id, body);

const BAD: [why: string, more: object, pointer: string][] = [
  ["a NUL in the summary", { output_summary: "a\0b" }, "/output_summary"],
  ["a NUL deep in the context", { input_context: { a: ["\0"] } }, "/input_context"],
  ["half a character", { agent_name: "\ud83d" }, "/agent_name"],
  ["an agent of two lines", { agent_id: "a\nb" }, "/agent_id"],
  ["tokens beyond counting", { cost_tokens_in: 1e18 }, "/cost_tokens_in"],
  ["tokens below zero", { cost_tokens_out: -1 }, "/cost_tokens_out"],
  ["money of seven digits", { cost_usd: "0.1234567" }, "/cost_usd"],
  ["money below zero", { cost_usd: -0.01 }, "/cost_usd"],
  ["a duration below zero", { duration_ms: -1 }, "/duration_ms"],
  ["a time that is none", { started_at: "yesterday" }, "/started_at"],
  ["a day that does not exist", { started_at: "2026-02-30T00:00:00Z" }, "/started_at"],
  ["the year 0", { started_at: "0000-01-01T00:00:00Z" }, "/started_at"],
  ["the year 9999", { completed_at: "9999-12-31T23:59:59-12:00" }, "/completed_at"],
  ["a version of 0", { version: 0 }, "/version"],
  ["a field that does not exist", { approved: true }, "/approved"],
  ["an unknown status", { status: "done" }, "/status"],
];

test.each(BAD)("%s is 400, says where, and nothing is written", async (_why, more, pointer) => {
  const id = await feature(api);
  const answer = await send(id, { ...packetOf("planning"), ...more });
  expect(answer).toMatchObject({ status: 400, code: "invalid_request", pointers: [pointer] });
  expect(await listed(id)).toEqual([]);
});

test("a packet over 256 KB is 413, one that just fits is taken", async () => {
  const id = await feature(api);
  const padded = (bytes: number) => {
    const empty = Buffer.byteLength(JSON.stringify(packetOf("planning", { input_context: { a: "" } })));
    return packetOf("planning", { input_context: { a: "x".repeat(bytes - empty) } });
  };
  expect(await send(id, padded(256 * 1024 + 1))).toMatchObject({ status: 413, code: "too_large" });
  expect(await send(id, padded(256 * 1024))).toMatchObject({ status: 201 });
});
