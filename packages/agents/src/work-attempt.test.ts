/** workAttempt from end to end, with real repositories and shell scripts as agents. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { AttemptResult, Done } from "./assignment.ts";
import { land } from "./land.ts";
import { isGroupAlive } from "./processes.ts";
import {
  commitAll,
  gitIn,
  makeAssignment,
  makePacket,
  makeRepository,
  makeSurroundings,
  openFolder,
  run,
  write,
  writeProgram,
} from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

function done(result: AttemptResult): Done {
  if (result.outcome !== "done") throw new Error(`not done: ${JSON.stringify(result)}`);
  return result;
}

/** One attempt of dev on a fresh repository. */
async function dev(command: string, files?: Record<string, string>) {
  const folder = openFolder();
  const repository = makeRepository(folder, files);
  const surroundings = makeSurroundings(folder);
  const result = await workAttempt(makeAssignment({ repository, settings: run("dev", command) }), surroundings);
  return { folder, repository, surroundings, result };
}

function filesOf(repository: string, commit: string): string[] {
  return gitIn(repository, "ls-tree", "-r", "--name-only", commit).split("\n");
}

const SAY = `echo '{"output_summary":"said hello"}' > "$BATON_OUT/handoff.json"`;

test("what dev leaves becomes a commit of ours, and the packet names it", async () => {
  const { repository, result } = await dev(`echo hello > hello.txt; ${SAY}`);
  const { commit, packet } = done(result);
  expect(gitIn(repository, "show", "--format=%an <%ae> %cn", "--name-only", commit)).toBe(
    "Baton <baton@localhost> Baton\n\nhello.txt",
  );
  expect(packet).toMatchObject({
    output_summary: "said hello",
    output_artifacts: [{ type: "file", path: "hello.txt", action: "created" }],
    output_metrics: {
      commit,
      base_commit: gitIn(repository, "rev-parse", "main"),
      files_changed: 1,
      insertions: 1,
      deletions: 0,
    },
  });
});

test("an attempt moves no branch and leaves no worktree and no file behind", async () => {
  const { repository, surroundings, result } = await dev(`echo hello > hello.txt; ${SAY}`);
  done(result);
  expect(gitIn(repository, "branch", "--list", "--format=%(refname:short)")).toBe("main");
  expect(gitIn(repository, "worktree", "list").split("\n")).toHaveLength(1);
  expect(readdirSync(join(surroundings.data_dir, "worktrees"))).toEqual([]);
  expect(readdirSync(join(surroundings.data_dir, "attempts"))).toEqual([]);
});

test("the user's checkout stays as it is: HEAD, index and edits, byte for byte", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  write(repository, { "README.md": "edited\n", "staged.txt": "staged\n", "new.txt": "new\n" });
  gitIn(repository, "add", "staged.txt");
  const look = () => ({
    head: readFileSync(join(repository, ".git/HEAD")),
    index: readFileSync(join(repository, ".git/index")),
    config: readFileSync(join(repository, ".git/config")),
    main: gitIn(repository, "rev-parse", "main"),
  });
  const before = look();
  const assignment = makeAssignment({ repository, settings: run("dev", `rm README.md; echo x > y; ${SAY}`) });
  const surroundings = makeSurroundings(folder);
  await land(assignment, done(await workAttempt(assignment, surroundings)).commit, surroundings);
  expect(look()).toEqual(before);
  expect(gitIn(repository, "status", "--porcelain")).toBe("M README.md\nA  staged.txt\n?? new.txt");
});

test("no hook of the user's repository runs", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const ran = join(folder, "hook-ran");
  for (const hook of [
    "post-checkout",
    "pre-commit",
    "commit-msg",
    "post-commit",
    "reference-transaction",
    "post-index-change",
  ]) {
    writeProgram(join(repository, ".git/hooks", hook), `touch ${ran}`);
  }
  const assignment = makeAssignment({ repository, settings: run("dev", `echo x > y; ${SAY}`) });
  const surroundings = makeSurroundings(folder);
  await land(assignment, done(await workAttempt(assignment, surroundings)).commit, surroundings);
  expect(existsSync(ran)).toBe(false);
});

test("a command that exits with 0 and leaves nothing has failed", async () => {
  const { result } = await dev("echo all good");
  expect(result).toMatchObject({ outcome: "fail", fault: "task", message: expect.stringContaining("left nothing") });
});

test("changes without a handoff are summarised by what the program printed", async () => {
  const { result } = await dev("echo x > y; echo I wrote y");
  expect(done(result)).toMatchObject({ claimed: null, packet: { output_summary: "I wrote y" } });
});

test("silent changes without a handoff are summarised by the files", async () => {
  const { result } = await dev("echo x > y");
  expect(done(result).packet.output_summary).toBe("Changed 1 file: created y.");
});

test("a non-zero exit is a failure that shows the end of the output", async () => {
  const { result } = await dev("echo trying; echo broken >&2; exit 3");
  expect(result).toMatchObject({ outcome: "fail", fault: "task" });
  expect(result).toMatchObject({ message: expect.stringMatching(/exit code 3[\s\S]*broken/) });
});

test("a non-zero exit with a reject written down is a result", async () => {
  const { result } = await dev(`echo '{"result":"reject","output_summary":"no"}' > "$BATON_OUT/handoff.json"; exit 1`);
  expect(done(result)).toMatchObject({ claimed: "reject", packet: { output_summary: "no" } });
});

test("a non-zero exit with an open bug in bugs.json is a result", async () => {
  const { result } = await dev(`echo '[{"title":"it crashes"}]' > "$BATON_OUT/bugs.json"; exit 1`);
  expect(done(result).findings).toMatchObject([{ kind: "bug", title: "it crashes", status: "open" }]);
});

test("a handoff that does not fit the schema is a failure that points at the place", async () => {
  const { result } = await dev(`echo x > y; echo '{"output_summary":5,"extra":1}' > "$BATON_OUT/handoff.json"`);
  expect(result).toMatchObject({ outcome: "fail", fault: "task" });
  expect(result).toMatchObject({ message: expect.stringMatching(/handoff\.json \/output_summary: /) });
});

test("a time-out is a failure of the task that says after how long", async () => {
  const folder = openFolder();
  const assignment = makeAssignment({ repository: makeRepository(folder), settings: run("dev", "sleep 60", 1) });
  const result = await workAttempt(assignment, makeSurroundings(folder));
  expect(result).toMatchObject({ outcome: "fail", fault: "task", message: expect.stringContaining("time-out of 1 s") });
});

test("a program that is not there waits for a person", async () => {
  const { result } = await dev("no-such-agent --print");
  expect(result).toMatchObject({
    outcome: "block",
    kind: "needs_input",
    reason: expect.stringContaining("no-such-agent"),
  });
});

test("a stage without a command and without a built-in waits for a person", async () => {
  const folder = openFolder();
  const result = await workAttempt(makeAssignment({ repository: makeRepository(folder) }), makeSurroundings(folder));
  expect(result).toMatchObject({ outcome: "block", reason: expect.stringContaining("settings.commands.dev") });
});

test("when the signal fires the attempt stops and leaves nothing", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const surroundings = makeSurroundings(folder);
  const working = workAttempt(
    makeAssignment({ repository, settings: run("dev", "echo x > y; echo ready; sleep 600") }),
    surroundings,
  );
  await expect.poll(() => surroundings.lines.some(({ text }) => text === "ready"), { timeout: 10_000 }).toBe(true);
  surroundings.stop();
  expect(await working).toEqual({ outcome: "stopped" });
  expect(gitIn(repository, "worktree", "list").split("\n")).toHaveLength(1);
  expect(gitIn(repository, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
});

// Only Linux lets us look at the environment of processes.
test.runIf(process.platform === "linux")(
  "when the signal fires, what the program started in a group of its own ends too",
  async () => {
    const folder = openFolder();
    const surroundings = makeSurroundings(folder);
    const settings = run("dev", "setsid sh -c 'echo $$; exec sleep 600' & wait");
    const working = workAttempt(makeAssignment({ repository: makeRepository(folder), settings }), surroundings);
    const started = () => Number(surroundings.lines.find(({ stream }) => stream === "stdout")?.text);
    await expect.poll(started).toBeGreaterThan(1);
    surroundings.stop();
    expect(await working).toEqual({ outcome: "stopped" });
    expect(await isGroupAlive(started())).toBe(false);
  },
);

test("reports in the worktree's root are taken, and no commit holds them or what .gitignore names", async () => {
  const leave = `echo x > y; echo secret > ignored.txt; echo '{"output_summary":"ok"}' > handoff.json; echo '[]' > bugs.json`;
  const { repository, result } = await dev(leave, { ".gitignore": "ignored.txt\n" });
  const { commit, packet } = done(result);
  expect(packet.output_summary).toBe("ok");
  expect(filesOf(repository, commit)).toEqual([".gitignore", "y"]);
});

test("commits that the agent makes itself are kept", async () => {
  const { repository, result } = await dev(
    `git config --get user.name; echo x > y; git add y; git -c user.name=Me -c user.email=me@x commit -qm 'Mine'; echo z > z; ${SAY}`,
  );
  const { commit } = done(result);
  expect(gitIn(repository, "log", "--format=%an: %s", commit).split("\n")).toEqual([
    "Baton: dev: Add a greeting",
    "Me: Mine",
    "A Person: Begin",
  ]);
});

test("reports that the agent commits itself are taken out of the history again", async () => {
  const { repository, result } = await dev(
    `echo x > y; echo '{"output_summary":"ok"}' > handoff.json; git add -A; git -c user.name=Me -c user.email=me@x commit -qm 'All'`,
  );
  const { commit, packet } = done(result);
  expect(packet.output_summary).toBe("ok");
  expect(gitIn(repository, "log", "--format=%an", "--name-only", commit, "--", "handoff.json")).toBe("");
  expect(filesOf(repository, commit)).toEqual(["README.md", "y"]);
});

test("a file of the project that bears a report's name is neither read nor lost", async () => {
  const { repository, result } = await dev("echo x > y", { "junit.xml": "not xml at all" });
  expect(filesOf(repository, done(result).commit)).toEqual(["junit.xml", "y"]);
});

test("a file of the project overwritten by a report is read and then restored", async () => {
  const { repository, result } = await dev(`echo x > y; echo '{"output_summary":"ok"}' > handoff.json`, {
    "handoff.json": "old\n",
  });
  const { commit, packet } = done(result);
  expect(packet.output_summary).toBe("ok");
  expect(gitIn(repository, "show", `${commit}:handoff.json`)).toBe("old");
});

test("work left with merge conflicts is a failure", async () => {
  const { result } = await dev(
    [
      "git config user.name Me; git config user.email me@x; git checkout -q -b a; echo a > f; git add f; git commit -qm a",
      "git checkout -q --detach HEAD~1; echo b > f; git add f; git commit -qm b; git merge -q a; true",
    ].join("; "),
  );
  expect(result).toMatchObject({ outcome: "fail", fault: "task", message: expect.stringContaining("merge conflicts") });
});

test("work starts at the packet's commit, whatever the branch says by now", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const named = commitAll((write(repository, { "a.txt": "a" }), repository), "A");
  gitIn(repository, "reset", "--quiet", "--hard", "HEAD~1");
  const assignment = makeAssignment({ repository, settings: run("dev", "ls > seen.txt") });
  gitIn(repository, "update-ref", `refs/heads/baton/${assignment.run_id}/${assignment.lease.task_id}`, "main");
  const packet = makePacket("qa", { output_metrics: { commit: named } });
  const { commit } = done(await workAttempt({ ...assignment, packet }, makeSurroundings(folder)));
  expect(gitIn(repository, "show", `${commit}:seen.txt`).split("\n")).toContain("a.txt");
});

test("two attempts of different tasks in one repository do not trip over each other", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const surroundings = makeSurroundings(folder);
  const assignments = Array.from({ length: 4 }, (_, at) =>
    makeAssignment({ repository, settings: run("dev", `echo ${at} > n.txt`) }),
  );
  const results = await Promise.all(
    assignments.map(async (assignment) => {
      const result = done(await workAttempt(assignment, surroundings));
      await land(assignment, result.commit, surroundings);
      return result;
    }),
  );
  expect(results.map(({ commit }) => gitIn(repository, "show", `${commit}:n.txt`))).toEqual(["0", "1", "2", "3"]);
  expect(gitIn(repository, "branch", "--list", "baton/*").split("\n")).toHaveLength(4);
  expect(gitIn(repository, "worktree", "list").split("\n")).toHaveLength(1);
});
