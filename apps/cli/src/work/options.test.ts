/** What `baton work` makes of its command line. */
import { hostname } from "node:os";
import { expect, test } from "vitest";
import { Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { workOptions } from "./options.ts";

test("a stage and a command are enough", () => {
  expect(workOptions({ stage: ["qa"] }, ["claude", "-p", "--output-format", "json"])).toEqual({
    ...{ stages: ["qa"], agent: { id: `claude-qa@${hostname()}`, kind: "claude" }, checks: [] },
    command: "claude -p --output-format json",
    ...{ timeout_s: 3_600, lease_s: 120, wait_s: 25, grace_s: 60, max: null, until_empty: false },
    ...{ workdir: null, json: false },
  });
});

test("several words are one program with its arguments, one word is a line for the shell", () => {
  const line = (...words: string[]) => workOptions({ stage: ["qa"] }, words).command;
  expect(line("sh", "-c", "echo it's $HOME")).toBe("sh -c 'echo it'\\''s $HOME'");
  expect(line("npm test && ./check")).toBe("npm test && ./check");
  expect(line("goose", "run", "-i", "{prompt_file}")).toBe("goose run -i {prompt_file}");
});

test.each([
  [["/usr/local/bin/codex", "exec"], "codex"],
  [["sh", "-c", "goose run -i -"], "goose"],
  [["./mine"], undefined],
])("%j is of the kind %s", (words, kind) => {
  expect(workOptions({ stage: ["dev"] }, words).agent.kind).toBe(kind);
});

test("who works in several stages has one name for them, unless it is given one", () => {
  expect(workOptions({ stage: ["qa", "sec", "qa"] }, ["./x"])).toMatchObject({
    ...{ stages: ["qa", "sec"], agent: { id: `agent-qa-sec@${hostname()}` } },
  });
  expect(workOptions({ stage: ["qa"], agent: "me", kind: "mine" }, ["./x"]).agent).toEqual({ id: "me", kind: "mine" });
});

test("once is one task", () => {
  expect(workOptions({ stage: ["qa"], once: true }, ["x"]).max).toBe(1);
  expect(workOptions({ stage: ["qa"], max: "7" }, ["x"]).max).toBe(7);
});

test.each([
  [{}, ["x"], "--stage must be given"],
  [{ stage: ["test"] }, ["x"], "--stage must be one of dev, qa, sec, docs"],
  [{ stage: ["qa"], lease: "4" }, ["x"], "--lease "],
  [{ stage: ["qa"], wait: "soon" }, ["x"], "--wait must be a number"],
  [{ stage: ["qa"], max: "0" }, ["x"], "--max "],
  [{ stage: ["qa"], once: true, max: "2" }, ["x"], "exclude each other"],
  [{ stage: ["qa"], agent: "a\nb" }, ["x"], "--agent "],
  [{ stage: ["qa"] }, [], "give a command after --"],
  [{ stage: ["qa"] }, ["x".repeat(4_001)], "longer than 4,000 characters"],
])("%j with %j is refused before anything is claimed", (raw, words, why) => {
  const refusal = () => workOptions(raw, words);
  expect(refusal).toThrow(Complaint);
  expect(refusal).toThrow(expect.objectContaining({ exit_code: EXIT.usage, message: expect.stringContaining(why) }));
});
