/** Opening repositories: folders that do not serve, addresses that are fetched and pushed to. The other end of ssh is a script. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { land } from "./land.ts";
import {
  gitIn,
  makeAssignment,
  makePacket,
  makeRepository,
  makeSurroundings,
  openFolder,
  run,
  writeProgram,
} from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

async function attemptOn(repository: string, folder = openFolder(), primary_branch = "main") {
  const assignment = makeAssignment({ repository, settings: run("dev", "echo x > y") });
  return workAttempt({ ...assignment, project: { ...assignment.project, primary_branch } }, makeSurroundings(folder));
}

/** A bare repository that ssh://server/… leads to, and a machine that works with it. */
function server(folder: string) {
  const bare = join(folder, "server.git");
  gitIn(folder, "clone", "--quiet", "--bare", makeRepository(folder), bare);
  const ssh = writeProgram(join(folder, "ssh"), 'for last; do :; done; exec sh -c "$last"');
  const machine = (name: string) => {
    const surroundings = makeSurroundings(join(folder, name));
    return { ...surroundings, env: { ...surroundings.env, GIT_SSH_COMMAND: ssh, GIT_SSH_VARIANT: "simple" } };
  };
  return { bare, machine, url: `ssh://server${bare}` };
}

test("a repository that is not there waits for a person", async () => {
  expect(await attemptOn("/nowhere/project")).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining("/nowhere/project"),
  });
});

test("a folder that is no repository waits for a person", async () => {
  const folder = openFolder();
  expect(await attemptOn(folder)).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining("not a git repository"),
  });
});

test("a folder inside a repository is not taken for one", async () => {
  const repository = makeRepository(openFolder(), { "src/a.ts": "" });
  const result = await attemptOn(join(repository, "src"));
  expect(result).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining(`root of a repository, ${repository} is`),
  });
});

test("a repository without a commit waits for a person", async () => {
  const folder = openFolder();
  gitIn(folder, "init", "--quiet", "--initial-branch=main");
  expect(await attemptOn(folder)).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining("no commit on a branch main"),
  });
});

test.each(["--upload-pack=x", "a..b", "a b", "x:refs/heads/main", "gone"])(
  "the primary branch %j waits for a person",
  async (branch) => {
    expect(await attemptOn(makeRepository(openFolder()), openFolder(), branch)).toMatchObject({ outcome: "block" });
  },
);

test("an address that could run a program never reaches git", async () => {
  const folder = openFolder();
  const ran = join(folder, "ran");
  expect(await attemptOn(`ext::sh -c touch% ${ran}`, folder)).toMatchObject({ outcome: "block" });
  expect(existsSync(ran)).toBe(false);
});

test("git itself is told to refuse transports that run programs", async () => {
  const folder = openFolder();
  const ran = join(folder, "ran");
  gitIn(folder, "config", "--file", join(folder, ".gitconfig"), `url.ext::sh -c touch% ${ran} .insteadOf`, "https://");
  expect((await attemptOn("https://example.invalid/a", folder)).outcome).not.toBe("done");
  expect(existsSync(ran)).toBe(false);
});

test("a bare repository on this machine is worked in like any other", async () => {
  const folder = openFolder();
  const { bare } = server(folder);
  expect(await attemptOn(bare, folder)).toMatchObject({ outcome: "done" });
});

test("what one machine commits is found by another, before and after the branch is moved", async () => {
  const folder = openFolder();
  const { bare, machine, url } = server(folder);
  const [first, second] = [machine("first"), machine("second")];
  const dev = makeAssignment({ repository: url, settings: run("dev", "echo x > y") });
  const made = await workAttempt(dev, first);
  if (made.outcome !== "done") throw new Error(JSON.stringify(made));
  expect(gitIn(bare, "for-each-ref", "--format=%(refname)")).toBe(
    `refs/baton/attempts/${dev.lease.task_id}/1\nrefs/heads/main`,
  );
  const qa = makeAssignment({
    ...dev.lease,
    repository: url,
    run_id: dev.run_id,
    epoch: 2,
    stage: "qa",
    settings: { test_command: "cat y" },
  });
  const next = { ...qa, packet: makePacket("dev", { output_metrics: { commit: made.commit } }) };
  expect(await workAttempt(next, second)).toMatchObject({
    outcome: "done",
    commit: made.commit,
    checks: [{ exit_code: 0 }],
  });
  await land(dev, made.commit, first);
  expect(gitIn(bare, "for-each-ref", "--format=%(refname)")).toBe(
    `refs/heads/baton/${dev.run_id}/${dev.lease.task_id}\nrefs/heads/main`,
  );
  expect(await workAttempt({ ...next, lease: { ...next.lease, epoch: 3 } }, machine("third"))).toMatchObject({
    outcome: "done",
    commit: made.commit,
  });
});

test("a repository that the server does not have waits for a person", async () => {
  const folder = openFolder();
  const { machine } = server(folder);
  const assignment = makeAssignment({ repository: `ssh://server${folder}/other.git`, settings: run("dev", "true") });
  expect(await workAttempt(assignment, machine("first"))).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining("cannot be fetched"),
  });
});

test("a server that does not answer is tried again: it is the environment's fault", async () => {
  const folder = openFolder();
  const surroundings = makeSurroundings(folder);
  const env = {
    ...surroundings.env,
    GIT_SSH_COMMAND: writeProgram(join(folder, "ssh"), "echo Connection timed out >&2; exit 255"),
  };
  const assignment = makeAssignment({ repository: "ssh://server/a.git", settings: run("dev", "true") });
  expect(await workAttempt(assignment, { ...surroundings, env })).toMatchObject({
    outcome: "fail",
    fault: "environment",
  });
});

test("work that cannot be pushed is not lost in silence", async () => {
  const folder = openFolder();
  const { bare, machine, url } = server(folder);
  writeProgram(join(bare, "hooks/pre-receive"), "echo no writing here >&2; exit 1");
  const assignment = makeAssignment({ repository: url, settings: run("dev", "echo x > y") });
  expect(await workAttempt(assignment, machine("first"))).toMatchObject({ outcome: "fail", fault: "environment" });
});
