/** How commands end whose output is not taken: by a reader that has had enough, or by a disk that is full. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test, vi } from "vitest";
import { bareEnvironment } from "./testing/env.ts";
import { TEST_MS } from "./testing/looking.ts";
import { startApi } from "./testing/running-api.ts";
import { answered } from "./testing/started-line.ts";

vi.setConfig({ testTimeout: TEST_MS });

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const api = await startApi();

let task_id: string;
let ledger: string;
let evidence: string;

beforeAll(async () => {
  const { client, folder } = api;
  const { project } = await answered(client.call("createProject", { body: { name: "p" } }));
  const body = { project_id: project.id, name: "r", tasks: [{ title: "t" }] };
  task_id = (await answered(client.call("createRun", { body }))).tasks[0]?.id ?? "";
  ledger = join(folder, "ledger.json");
  await writeFile(ledger, JSON.stringify(await answered(client.call("ledger", { params: { id: task_id } }))));
  evidence = join(folder, "evidence");
  await mkdir(join(evidence, task_id), { recursive: true });
});

function begin(args: readonly string[], stdout: "pipe" | number) {
  const env = { ...bareEnvironment(), BATON_URL: api.url, BATON_TOKEN: api.token };
  const child = spawn(process.execPath, [MAIN, ...args], { env, stdio: ["ignore", stdout, "pipe"] });
  const err = child.stderr === null ? Promise.resolve("") : text(child.stderr);
  const ended = once(child, "close").then(async ([code]) => ({ code: code as number | null, err: await err }));
  return { child, ended };
}

const commands: [string, () => string[]][] = [
  ["completion", () => ["completion", "bash"]],
  ["verify", () => ["verify", ledger]],
  ["ledger", () => ["ledger", task_id]],
  ["proofs backfill", () => ["proofs", "backfill", "--dry-run", evidence]],
  ["task show", () => ["task", "show", task_id, "--json"]],
];

test.each(commands)("%s ends well when its reader has had enough", async (_, args) => {
  const { child, ended } = begin(args(), "pipe");
  child.stdout?.destroy();
  expect(await ended).toEqual({ code: 0, err: "" });
});

test.runIf(process.platform === "linux").each(commands)(
  "%s on a full disk ends with 73 in one line",
  async (_, args) => {
    const full = openSync("/dev/full", "w");
    const { ended } = begin(args(), full);
    closeSync(full);
    expect(await ended).toEqual({ code: 73, err: "baton: the output cannot be written (ENOSPC)\n" });
  },
);
