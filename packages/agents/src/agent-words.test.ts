/** workAttempt where the agent leaves no handoff.json: what its last words, its output format and its provider's trouble come to. Shell scripts print what the programs print. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Assignment, AttemptResult, Done, LiveSession } from "./assignment.ts";
import { outOf } from "./find-out.ts";
import { land } from "./land.ts";
import { messagesOf } from "./places.ts";
import { shellLine } from "./shell.ts";
import { makeAssignment, makeRepository, makeSurroundings, openFolder, run } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

const SAMPLES = join(import.meta.dirname, "outputs/samples");

function done(result: AttemptResult): Done {
  if (result.outcome !== "done") throw new Error(`not done: ${JSON.stringify(result)}`);
  return result;
}

async function dev(command: string, more: Partial<Assignment> = {}) {
  const folder = openFolder();
  const assignment = {
    ...makeAssignment({ repository: makeRepository(folder), settings: run("dev", command) }),
    ...more,
  };
  return workAttempt(assignment, makeSurroundings(folder));
}

async function qa(command: string, printed_counts?: true) {
  const folder = openFolder();
  const asked = makeAssignment({ repository: makeRepository(folder), stage: "qa", settings: run("qa", command) });
  const plan = { ...asked.plan, ...(printed_counts && { printed_counts }) };
  return workAttempt({ ...asked, plan }, makeSurroundings(folder));
}

test("an agent that tells its work in a known format leaves a packet with summary, decisions, usage and log", async () => {
  const { packet, usage } = done(await dev(`echo x > src.test.ts; cat ${SAMPLES}/claude.txt`));
  expect(packet).toMatchObject({
    output_summary: expect.stringMatching(/^Slugs keep letters with accents now\./),
    output_artifacts: [{ type: "test", path: "src.test.ts", action: "created" }],
    output_decisions: [{ decision: "remove combining marks", rationale: "NFKD leaves them behind" }],
    output_metrics: { extracted: true, duration_ms: expect.any(Number), agent: { format: "claude", num_turns: 7 } },
  });
  expect(packet.activity_log.map(({ event }) => event)).toEqual(["start", "end"]);
  expect(usage).toEqual({
    ...{ tokens_in: 21_294, tokens_out: 941, cost_usd: "0.104579", model: "claude-opus-4-5-20251101" },
  });
});

test("what a format or a plain line says to have been done is in the log, and lines longer than a pipe's are read whole", async () => {
  const { packet } = done(await dev(`echo x > y; echo 'Milestone: parser written'; cat ${SAMPLES}/codex.txt`));
  expect(packet.activity_log.map(({ event }) => event)).toEqual([
    ...["start", "parser written", "ran bash -lc 'npm test' (exit code 1)", "changed src/slug.js"],
    ...["ran bash -lc 'npm test' (exit code 0)", "end"],
  ]);
  const long = `node -e 'console.log(JSON.stringify({type:"result",session_id:"s",result:"a".repeat(300000)}))'`;
  expect(done(await dev(`echo x > y; ${long}`)).packet.output_summary).toBe("a".repeat(5_000));
});

test("without a format there are no tokens and no cost", async () => {
  expect(done(await dev("echo x > y; echo it cost 500 tokens")).usage).toEqual({});
});

test("the handoff has the last word, its usage over the format's", async () => {
  const handoff = `echo '{"output_summary":"mine","usage":{"tokens_out":1}}' > "$BATON_OUT/handoff.json"`;
  const { packet, usage } = done(await dev(`echo x > y; ${handoff}; cat ${SAMPLES}/claude.txt`));
  expect(packet).toMatchObject({ output_summary: "mine", output_decisions: [], activity_log: [] });
  expect(usage).toMatchObject({ tokens_in: 21_294, tokens_out: 1 });
});

const COST = { tokens_in: 21_294, tokens_out: 941, cost_usd: "0.104579" };

test("what an agent is known to have spent is told however the attempt then fails", async () => {
  const said = `cat ${SAMPLES}/claude.txt`;
  const broken = `echo '{"result":5}' > "$BATON_OUT/handoff.json"`;
  const wrong_file = `mkdir -p "$BATON_OUT/artifacts/folder"`;
  const conflict =
    "h=$(echo a | git hash-object -w --stdin); printf '100644 %s 1\\tf\\n100644 %s 2\\tf\\n' $h $h | git update-index --index-info";
  const ends = {
    "ended by a signal": "kill -9 $$",
    "reports that cannot be read": broken,
    "files that cannot be taken": wrong_file,
    "left nothing": "true",
    "merge conflicts": conflict,
  };
  for (const [message, end] of Object.entries(ends)) {
    const fail = { outcome: "fail", fault: "task", message: expect.stringContaining(message), usage: COST };
    expect(await dev(`${said}; ${end}`)).toMatchObject(fail);
  }
  const folder = openFolder();
  const late = run("dev", `${said}; sleep 60`, 1);
  const assignment = makeAssignment({ repository: makeRepository(folder), settings: late });
  expect(await workAttempt(assignment, makeSurroundings(folder))).toMatchObject({ outcome: "fail", usage: COST });
});

test("a file that is refused costs what was spent", async () => {
  const folder = openFolder();
  const command = `mkdir "$BATON_OUT/artifacts"; echo x > "$BATON_OUT/artifacts/a"; cat ${SAMPLES}/claude.txt`;
  const assignment = makeAssignment({ repository: makeRepository(folder), settings: run("dev", command) });
  const keepFile = async () => ({ refused: "the store is full" });
  expect(await workAttempt(assignment, { ...makeSurroundings(folder), keepFile })).toMatchObject({
    ...{ outcome: "fail", message: expect.stringContaining("the store is full"), usage: COST },
  });
});

test("last words with a NUL become the message of a commit without it", async () => {
  const said = JSON.stringify({ type: "result", session_id: "s", result: "all\u0000 done" });
  const { commit } = done(await dev(`echo x > y; printf '%s\\n' '${said}'`));
  expect(commit).toMatch(/^[0-9a-f]{40}$/);
});

test("no quota left is the provider's fault, with the time it tells", async () => {
  expect(await dev(`cat ${SAMPLES}/codex-limit.txt; exit 1`)).toMatchObject({
    ...{ outcome: "fail", fault: "provider", quota: true, retry_after_s: 7_500 },
    message: expect.stringContaining("You've hit your usage limit"),
  });
});

test("an agent that says it failed has failed, whatever its exit code", async () => {
  expect(await dev(`echo x > y; cat ${SAMPLES}/claude-limit.txt`)).toMatchObject({ fault: "provider", quota: true });
  const turns = '{"type":"result","subtype":"error_max_turns","session_id":"s"}';
  expect(await dev(`echo x > y; echo '${turns}'`)).toMatchObject({
    ...{ outcome: "fail", fault: "task", message: expect.stringContaining("error_max_turns") },
  });
});

test("no access to the provider is the environment's fault, a broken provider the provider's", async () => {
  const agent_kind = "custom";
  expect(await dev("echo 'Invalid API key · Please run /login'; exit 1", { agent_kind })).toMatchObject({
    ...{ outcome: "fail", fault: "environment" },
  });
  expect(await dev("echo 'API Error: 529 Overloaded' >&2; exit 1", { agent_kind })).toMatchObject({
    ...{ outcome: "fail", fault: "provider" },
  });
});

test("a script that prints such words, or an agent whose tests do, has failed by the task's fault", async () => {
  expect(await dev("echo 'HTTP 429 Too Many Requests'; exit 1")).toMatchObject({ fault: "task" });
  const item = { type: "command_execution", command: "npm test", aggregated_output: "429 Too Many Requests" };
  const events = [{ type: "thread.started" }, { type: "item.completed", item }];
  const printed = events.map((event) => `echo '${JSON.stringify(event)}'`).join("; ");
  expect(await dev(`${printed}; exit 1`)).toMatchObject({ outcome: "fail", fault: "task" });
});

test("what a command prints is a word only where the plan says so; silence is none", async () => {
  expect(await qa("echo all good")).toMatchObject({ outcome: "fail" });
  expect(done(await qa("echo all good", true)).packet.output_summary).toBe("all good");
  expect(await qa("true", true)).toMatchObject({ outcome: "fail", message: expect.stringContaining("left nothing") });
});

test("the prompt is on stdin, or in a file where the command asks for one", async () => {
  const prompt = "Do this, please.";
  const asked = done(await dev("cat > y", { prompt }));
  expect(asked.proofs[0]?.content && Buffer.from(asked.proofs[0].content).toString()).toContain("+Do this, please.");
  const line = shellLine(["sh", "-c", 'cat "$0" - > y', "{prompt_file}"]);
  const read = done(await dev(line, { prompt }));
  const diff = Buffer.from(read.proofs[0]?.content ?? []).toString();
  expect(diff.match(/\+Do this, please\./g)).toHaveLength(1);
  expect(diff).toContain("handoff.json");
});

test.each([
  [["a", "b c", "it's", ""], `a 'b c' 'it'\\''s' ''`],
  [["goose", "-i", "{prompt_file}"], "goose -i {prompt_file}"],
  [["--file={prompt_file}", "$x"], "--file={prompt_file} '$x'"],
])("%j as a line of the shell", (words, line) => {
  expect(shellLine(words)).toBe(line);
});

test("a project without a repository is worked in an empty folder, and what is made there is told but not kept", async () => {
  const folder = openFolder();
  const asked = makeAssignment({ repository: "", settings: run("dev", "ls -A; echo x > made.txt; echo made it") });
  const assignment = { ...asked, project: { ...asked.project, repository_url: null } };
  const surroundings = makeSurroundings(folder);
  const { packet, commit } = done(await workAttempt(assignment, surroundings));
  expect(packet.output_artifacts).toEqual([{ type: "file", path: "made.txt", action: "created" }]);
  expect(packet.output_summary).toBe(".git\nmade it");
  expect(packet.output_metrics).not.toHaveProperty("commit");
  await land(assignment, commit, surroundings);
  expect(existsSync(join(surroundings.data_dir, "repositories"))).toBe(false);
});

test("while it works the session tells usage and progress, words for the agent are in a file, and its BATON_OUT can be found", async () => {
  const folder = openFolder();
  const surroundings = makeSurroundings(folder);
  const assignment = makeAssignment({
    repository: makeRepository(folder),
    settings: run("dev", `cat ${SAMPLES}/codex.txt; pwd; echo out $BATON_OUT; sleep 600`),
  });
  const sessions: LiveSession[] = [];
  const groups: number[] = [];
  const working = workAttempt(assignment, {
    ...surroundings,
    ...{ messages: true, onSession: (one) => sessions.push(one), onGroup: (group) => groups.push(group) },
  });
  await expect.poll(() => sessions[0]?.progress()).toMatch(/^out /);
  expect(sessions[0]?.usage()).toEqual({ tokens_in: 25_763, tokens_out: 1_112 });
  expect(groups).toEqual([expect.any(Number)]);
  expect(readFileSync(messagesOf(assignment, surroundings.data_dir), "utf8")).toBe("");
  const worktree = join(surroundings.data_dir, "worktrees", assignment.lease.task_id);
  expect(`out ${await outOf(join(worktree, "deep/er"))}`).toBe(sessions[0]?.progress());
  expect(await outOf(folder)).toBeNull();
  surroundings.stop();
  expect(await working).toEqual({ outcome: "stopped" });
  expect(await outOf(worktree)).toBeNull();
});
