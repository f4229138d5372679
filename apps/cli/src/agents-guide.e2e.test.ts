/** docs/agents.md, word for word: its curl commands in a shell, and its recipes with stand-ins under the agents' names. */
import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { bareEnvironment } from "./testing/env.ts";
import { git, gitRepository } from "./testing/git-project.ts";
import { TEST_MS, taskOf } from "./testing/looking.ts";
import { testFolder } from "./testing/processes.ts";
import { answered, type StartedLine, startLine } from "./testing/started-line.ts";

const GUIDE = readFileSync(new URL("../../../docs/agents.md", import.meta.url), "utf8");
const [BY_CURL = "", BY_WORK = ""] = GUIDE.split("\n## `baton work`");
const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const STAND_IN = fileURLToPath(new URL("testing/agents/stand-in.ts", import.meta.url));

let line: StartedLine;

beforeAll(async () => {
  line = await startLine({ args: ["--no-sample"] });
  return () => line.end();
}, TEST_MS);

function blocks(text: string): string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((found) => found[1] ?? "");
}

/** Fails when one command does. */
async function shell(script: string, cwd: string, env: Record<string, string>): Promise<string> {
  const { stdout } = await promisify(execFile)("bash", ["-euo", "pipefail", "-c", script], {
    ...{ cwd, env: { ...bareEnvironment(), ...env }, timeout: TEST_MS },
  });
  return stdout;
}

test(
  "the curl commands carry a task through all stages, with one loop-back",
  async () => {
    const folder = testFolder();
    const said = await shell(blocks(BY_CURL).join("\n"), folder, { BATON: line.url, TOKEN: line.token });
    expect(said).toContain('"title":"the last line is sad"');
    expect(said.trim().split("\n").at(-1)).toBe('"stage":"complete","state":"completed"');
    const { items } = JSON.parse(readFileSync(join(folder, "timeline.json"), "utf8"));
    expect(items.map((event: { type: string }) => event.type).filter((type: string) => type !== "claimed")).toEqual([
      ...["submitted", "passed", "rejected", "passed", "passed", "passed", "passed"],
    ]);
  },
  TEST_MS,
);

function program(folder: string, name: string, script: string): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

/** A folder with `baton`, and with stand-ins under the agents' names. */
function programs(folder: string): string {
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const node = `'${process.execPath}'`;
  program(bin, "baton", `exec ${node} '${MAIN}' "$@"`);
  program(bin, "claude", `exec ${node} '${STAND_IN}' claude made.txt "$@"`);
  program(bin, "codex", `exec ${node} '${STAND_IN}' codex '' "$@"`);
  program(bin, "goose", `exec ${node} '${STAND_IN}' goose-json made.txt "$@"`);
  return bin;
}

test(
  "the recipes for Claude Code, Codex, Goose and a script carry tasks through dev and qa",
  async () => {
    const folder = testFolder();
    const repository_url = gitRepository(folder);
    const manifest = { name: "x", version: "1.0.0", scripts: { test: "grep -q stand-in made.txt" } };
    writeFileSync(join(repository_url, "package.json"), JSON.stringify(manifest));
    git(repository_url, "add", "--all");
    git(repository_url, "-c", "user.name=T", "-c", "user.email=t@localhost", "commit", "--quiet", "--message", "tests");
    const { project } = await answered(line.client.call("createProject", { body: { name: "p", repository_url } }));
    const body = { project_id: project.id, name: "r", tasks: [{ title: "one" }, { title: "two" }] };
    const { run, tasks } = await answered(line.client.call("createRun", { body }));
    onTestFinished(async () => {
      await line.client.call("killRun", { params: { id: run.id }, body: {} });
    });
    const env = {
      ...{ BATON_URL: line.url, BATON_TOKEN: line.token, BATON_DATA_DIR: join(folder, "data") },
      PATH: [programs(folder), bareEnvironment()["PATH"] ?? ""].join(delimiter),
    };
    for (const recipe of blocks(BY_WORK)) expect(await shell(recipe, folder, env), recipe).toContain("passed after");

    for (const { id } of tasks) expect((await taskOf(line, id)).stage).not.toMatch(/dev|qa/);
    const params = { id: tasks[0]?.id ?? "" };
    const { items } = await answered(line.client.call("listPackets", { params, query: {} }));
    expect(items.find(({ phase }) => phase === "dev")).toMatchObject({ cost_usd: "0.104579", cost_tokens_in: 21_294 });
    expect(items.find(({ phase }) => phase === "qa")).toMatchObject({ cost_usd: null, cost_tokens_in: 25_763 });
  },
  TEST_MS,
);
