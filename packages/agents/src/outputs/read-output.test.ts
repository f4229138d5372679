/** The known output formats, read line by line. The samples are made after the formats' published definitions and users' reports; no program printed them here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openOutputReader } from "./read-output.ts";

function sample(name: string): string[] {
  return readFileSync(join(import.meta.dirname, "samples", name), "utf8").split("\n");
}

function read(lines: readonly string[]) {
  const reader = openOutputReader();
  for (const line of lines) reader.line(line);
  const told = reader.told();
  return told && { ...told, milestones: reader.milestones() };
}

test("claude --output-format json: the final text, all tokens that went in and out, the cost", () => {
  expect(read(sample("claude.txt"))).toEqual({
    format: "claude",
    text: expect.stringContaining("## Summary"),
    usage: { tokens_in: 21_294, tokens_out: 941, cost_usd: "0.104579", model: "claude-opus-4-5-20251101" },
    metrics: { num_turns: 7, duration_api_ms: 12_932 },
    error: null,
    milestones: [],
  });
});

test("claude --output-format stream-json: a message counts once however often it is printed, and the result has the last word", () => {
  const lines = sample("claude-stream.txt");
  expect(read(lines.slice(0, -2))).toMatchObject({
    text: "Found it: the accent sign ends the word.",
    usage: { tokens_in: 200, tokens_out: 30, model: "claude-sonnet-4-5" },
    milestones: ["used Bash", "used Edit"],
  });
  expect(read(lines)).toMatchObject({
    text: "Fixed.",
    usage: { tokens_in: 450, tokens_out: 60, cost_usd: "0.012000" },
  });
});

test("claude that failed says why", () => {
  expect(read(sample("claude-limit.txt"))).toMatchObject({
    error: "Claude AI usage limit reached|1749924000",
    usage: { tokens_in: 0, tokens_out: 0, cost_usd: "0.000000" },
  });
  const lost = { type: "result", subtype: "error_max_turns", is_error: false, session_id: "s" };
  expect(read([JSON.stringify(lost)])).toMatchObject({ error: "error_max_turns", usage: {} });
});

test("codex --json: the last message, tokens summed over the turns, no cost", () => {
  expect(read(sample("codex.txt"))).toEqual({
    format: "codex",
    text: "All tests pass now.",
    usage: { tokens_in: 25_763, tokens_out: 1_112 },
    metrics: { num_turns: 2 },
    error: null,
    milestones: [
      "ran bash -lc 'npm test' (exit code 1)",
      "changed src/slug.js",
      "ran bash -lc 'npm test' (exit code 0)",
    ],
  });
});

test("codex that failed says why; what it got over does not count", () => {
  expect(read(sample("codex-limit.txt"))).toMatchObject({
    error: expect.stringContaining("You've hit your usage limit"),
    usage: {},
  });
  const over = [
    '{"type":"thread.started"}',
    '{"type":"error","message":"Reconnecting... 1/5"}',
    '{"type":"turn.completed"}',
  ];
  expect(read(over)).toMatchObject({ error: null, usage: {} });
});

test("goose --output-format json: the last message of the assistant, counts where they are told", () => {
  expect(read(sample("goose-json.txt"))).toEqual({
    format: "goose",
    text: "The accents are removed now.",
    usage: { tokens_in: 5_120, tokens_out: 310, cost_usd: "0.021000" },
    metrics: { total_tokens: 5_430 },
    error: null,
    milestones: [],
  });
});

test("goose that tells only a total of tokens tells no usage", () => {
  const old = sample("goose-json.txt").filter((line) => !/"(input_tokens|output_tokens|cost_usd)"/.test(line));
  expect(read(old)).toMatchObject({ usage: {}, metrics: { total_tokens: 5_430 } });
});

test("goose --output-format stream-json: the pieces of a message are put together", () => {
  expect(read(sample("goose-stream.txt"))).toMatchObject({
    format: "goose",
    text: "The accents are removed now.",
    usage: { tokens_in: 900, tokens_out: 40 },
    metrics: { total_tokens: 940 },
  });
});

test("goose as text: what follows the opening of its session, and its error", () => {
  expect(read(sample("goose-text.txt"))).toMatchObject({
    format: "goose",
    text: "I removed the accents.\n\nTests pass.",
    usage: {},
  });
  expect(read([...sample("goose-text.txt"), "Ran into this error: Rate limit exceeded: Max retries."])).toMatchObject({
    error: "Rate limit exceeded: Max retries.",
  });
});

test.each([
  ["plain words", ["hello", "{not json", '{"a":1}', "null"]],
  ["another program's JSON", ['{"type":"result","ok":true}', '{"type":"error","message":"x"}', '{"type":"complete_"}']],
  ["nothing", []],
])("%s: no known format", (_, lines) => {
  expect(read(lines)).toBeNull();
});

test("numbers that cannot be are not taken over", () => {
  const odd = { type: "result", session_id: "s", total_cost_usd: -1, usage: { input_tokens: 1.5, output_tokens: "9" } };
  expect(read([JSON.stringify(odd)])).toMatchObject({ usage: {}, error: null });
});
