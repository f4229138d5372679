/** `baton proofs backfill` as a program against a running API: what it takes in, what it leaves out, and that twice is once. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ProofView } from "@baton/domain/api";
import { expect, onTestFinished, test } from "vitest";
import { answered } from "../complaint.ts";
import { bareEnvironment } from "../testing/env.ts";
import { startApi } from "../testing/running-api.ts";
import type { Backfilled } from "./backfill.ts";

const api = await startApi({ BATON_ARTIFACT_MAX_MB: "1" });

const BATON = fileURLToPath(new URL("../main.ts", import.meta.url));

function baton(...args: string[]) {
  return batonAs(api.token, ...args);
}

function batonAs(token: string, ...args: string[]) {
  const env = { ...bareEnvironment(), BATON_URL: api.url, BATON_TOKEN: token };
  return new Promise<{ code: unknown; out: string; err: string }>((resolve) => {
    execFile(process.execPath, [BATON, "proofs", "backfill", ...args], { env }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, out, err }),
    );
  });
}

/** A run of two tasks, in the order in which they were given. */
async function run() {
  const { project } = answered(await api.client.call("createProject", { body: { name: "p" } }));
  const body = { project_id: project.id, name: "r", tasks: [{ title: "first" }, { title: "second" }] };
  const sent = answered(await api.client.call("createRun", { body }));
  return { run_id: sent.run.id, ids: sent.tasks.map(({ id }) => id) as [string, string] };
}

/** A folder with these files, gone when the test ends. */
async function lay(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "baton-evidence-"));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

async function proofsOf(id: string): Promise<ProofView[]> {
  const history = answered(await api.client.call("taskProofs", { params: { id } }));
  if (typeof history === "string") throw new Error("text");
  return history.items;
}

test("files of a task and of a run are taken in, their kinds guessed, and a second time nothing is doubled", async () => {
  const { run_id, ids } = await run();
  const root = await lay({
    [`${ids[1]}/qa/junit.xml`]: "<testsuite/>",
    [`${ids[1]}/screen shot.png`]: "png",
    [`${run_id}/${ids[1]}/build.log`]: "log",
    [`${run_id}/about the run.md`]: "# run",
    [`${run_id}/more/changes.diff`]: "diff",
  });
  expect(await baton(root)).toEqual({
    ...{ code: 0, err: "", out: "Took in 5 proofs of 2 tasks. 0 were there before. 0 skipped, 0 refused.\n" },
  });
  const second = await proofsOf(ids[1]);
  expect(second.map(({ kind, origin }) => `${kind} ${origin}`).toSorted()).toEqual([
    `log ${run_id}/${ids[1]}/build.log`,
    `screenshot ${ids[1]}/screen shot.png`,
    `test_result ${ids[1]}/qa/junit.xml`,
  ]);
  expect((await proofsOf(ids[0])).map(({ kind, run_id: of }) => [kind, of])).toEqual([
    ["code_diff", run_id],
    ["report", run_id],
  ]);
  await writeFile(join(root, run_id, "more/new.txt"), "new");
  expect(await baton(root)).toMatchObject({
    out: "Took in 1 proof of 1 task. 5 were there before. 0 skipped, 0 refused.\n",
  });
  expect(await proofsOf(ids[1])).toEqual(second);
});

test("links, hidden and empty files, and what belongs to no task are skipped and named", async () => {
  const { run_id, ids } = await run();
  const other = await run();
  const unknown = "0199a000-0000-7000-8000-000000000001";
  const root = await lay({
    "loose.log": "x",
    "notes/a.log": "x",
    ".hidden/a.log": "x",
    [`${unknown}/a.log`]: "x",
    [`${ids[0]}/.env`]: "secret",
    [`${ids[0]}/empty.log`]: "",
    [`${ids[0]}/steer\u001b[2J.log`]: "x",
    [`${run_id}/${other.ids[0]}/a.log`]: "x",
  });
  await symlink("/etc/hostname", join(root, ids[0], "link.log"));
  await symlink("/etc", join(root, "linked"));
  const { code, out } = await baton(root);
  expect(code).toBe(0);
  expect(out.split("\n").toSorted()).toEqual(
    [
      "",
      "Took in 0 proofs. 0 were there before. 10 skipped, 0 refused.",
      "skipped .hidden: hidden",
      `skipped ${unknown}: there is no such task or run`,
      `skipped ${ids[0]}/.env: hidden`,
      `skipped ${ids[0]}/empty.log: empty`,
      `skipped ${ids[0]}/link.log: a symbolic link`,
      `skipped ${ids[0]}/steer\\u001b[2J.log: its name cannot be kept`,
      `skipped ${run_id}/${other.ids[0]}: no task of the run`,
      "skipped linked: a symbolic link",
      "skipped loose.log: not in the folder of a task or a run",
      "skipped notes: not named after a task or a run",
    ].toSorted(),
  );
});

test("a dry run says what would be taken in, and takes in nothing", async () => {
  const { ids } = await run();
  const root = await lay({ [`${ids[0]}/build.log`]: "x" });
  expect(await baton(root, "--dry-run")).toEqual({
    ...{ code: 0, err: "" },
    out: `would take in ${ids[0]}/build.log as log of task ${ids[0]}\nWould take in 1 proof of 1 task. 0 skipped, 0 refused.\n`,
  });
  expect(await proofsOf(ids[0])).toEqual([]);
});

test("a file that the server refuses does not keep the others out, and the exit code tells", async () => {
  const { ids } = await run();
  const files = { [`${ids[0]}/a-large.log`]: "x".repeat(1_100_000), [`${ids[0]}/b.log`]: "x" };
  const { code, out } = await baton(await lay(files), "--json");
  expect(code).toBe(65);
  const told = JSON.parse(out) as Backfilled;
  expect(told.refused).toEqual([{ path: `${ids[0]}/a-large.log`, why: expect.stringContaining("larger than") }]);
  const [{ id: proof_id } = { id: "" }] = await proofsOf(ids[0]);
  expect(told).toMatchObject({
    ...{ dry_run: false, known: [], skipped: [] },
    taken: [{ path: `${ids[0]}/b.log`, task_id: ids[0], kind: "log", proof_id }],
  });
});

test("a folder that is not there and a token that is none end with codes of their own", async () => {
  const { ids } = await run();
  const root = await lay({ [`${ids[0]}/a.log`]: "x" });
  expect(await baton(join(root, "nowhere"))).toMatchObject({
    ...{ code: 66, err: expect.stringContaining("cannot be read (ENOENT)") },
  });
  expect(await batonAs("wrong", root)).toMatchObject({ code: 77 });
});
