/** Handoffs people can trust, seen on the sample project of a running line: its ledger, its proofs, and a contract that an agent breaks and mends. */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test, vi } from "vitest";
import { bareEnvironment } from "./testing/env.ts";
import { LONG, sampleTask, TEST_MS, taskOf } from "./testing/looking.ts";
import { answered, type StartedLine, startLine } from "./testing/started-line.ts";

let line: StartedLine;

beforeAll(async () => {
  line = await startLine();
  await vi.waitFor(() => expect(line.said()).toContain("is completed after"), LONG);
  return () => line.end();
}, TEST_MS);

function baton(...args: string[]): Promise<{ code: unknown; said: string }> {
  const env = { ...bareEnvironment(), BATON_URL: line.url, BATON_TOKEN: line.token };
  const main = fileURLToPath(new URL("./main.ts", import.meta.url));
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, out, err) =>
      resolve({ code: error?.code ?? 0, said: out + err }),
    );
  });
}

test(
  "the ledger of the sample run holds, and no longer after one changed byte",
  async () => {
    const { run_id } = await sampleTask(line);
    const file = join(line.data_dir, "ledger.json");
    expect(await baton("ledger", run_id, "--output", file)).toEqual({ code: 0, said: "" });
    expect(await baton("verify", file)).toMatchObject({
      code: 0,
      said: expect.stringContaining("entries hold") as string,
    });
    const text = readFileSync(file, "utf8");
    const at = text.indexOf('"actor": "worker-qa"') + '"actor": "'.length;
    writeFileSync(file, `${text.slice(0, at)}W${text.slice(at + 1)}`);
    expect(await baton("verify", file)).toMatchObject({
      code: 1,
      said: expect.stringContaining("broken at entry") as string,
    });
  },
  TEST_MS,
);

test(
  "the sample run has left the line's own proofs",
  async () => {
    const { id } = await sampleTask(line);
    const proofs = async () => {
      const history = await answered(line.client.call("taskProofs", { params: { id }, query: {} }));
      return typeof history === "string" ? [] : history.items;
    };
    await expect
      .poll(async () => new Set((await proofs()).map(({ kind, source }) => `${source} ${kind}`)), LONG)
      .toEqual(new Set(["line code_diff", "line test_result", "line report"]));
  },
  TEST_MS,
);

/** A project on the sample's repository whose dev stage is left to pulling agents. */
async function pulled() {
  const repository_url = join(line.data_dir, "sample");
  const { project } = await answered(line.client.call("createProject", { body: { name: "pulled", repository_url } }));
  const body = { project_id: project.id, name: "run", tasks: [{ title: "t" }] };
  const { tasks } = await answered(line.client.call("createRun", { body }));
  return { project_id: project.id, task_id: tasks[0]?.id ?? "" };
}

const SCHEMA = { type: "object", required: ["passed"], properties: { passed: { type: "integer", minimum: 1 } } };

test(
  "an agent that breaks the contract is told all that is wrong, keeps its lease, mends it and passes",
  async () => {
    const { project_id, task_id } = await pulled();
    const body = { artifacts: [{ name: "tests.json", format: "json" as const, schema: SCHEMA }] };
    await answered(line.client.call("putContract", { params: { id: project_id, from: "dev", to: "qa" }, body }));
    const claim = { claim_id: randomUUID(), stages: ["dev" as const], agent: { id: "ada" } };
    const { lease } = await answered(line.client.call("claim", { body: claim }));
    const complete = () =>
      line.client.call("complete", {
        params: { id: lease.id },
        body: { epoch: lease.epoch, result: "pass", packet: { output_summary: "done" } },
      });
    const leave = (content: string) =>
      answered(
        line.client.call("putArtifact", {
          params: { id: lease.id, name: "tests.json" },
          query: { epoch: lease.epoch },
          file: Buffer.from(content),
          media_type: "application/json",
        }),
      );
    expect(await complete()).toMatchObject({ status: 422, problem: { code: "contract_violated" } });
    await leave('{"passed": 0}');
    expect(await complete()).toMatchObject({
      status: 422,
      problem: { errors: [{ detail: expect.any(String) as string }] },
    });
    expect(await taskOf(line, task_id)).toMatchObject({ stage: "dev", state: "running" });

    await leave('{"passed": 3}');
    const [blob = ""] = globSync(`${line.data_dir}/artifacts/*/*/*`).filter(
      (path) => readFileSync(path, "utf8") === '{"passed": 3}',
    );
    writeFileSync(blob, '{"passed": 4}');
    expect(await complete()).toMatchObject({ status: 422, problem: { code: "contract_violated" } });
    writeFileSync(blob, '{"passed": 3}');
    expect(await answered(complete())).toMatchObject({ verdict: "pass", task: { stage: "qa" } });
    const { artifacts } = await answered(line.client.call("manifest", { params: { id: task_id } }));
    expect(artifacts.find(({ transferred_to }) => transferred_to.length > 0)).toMatchObject({
      ...{ name: "tests.json", source_stage: "dev", schema_valid: true },
      transferred_to: [{ stage: "qa", status: "done" }],
    });
  },
  TEST_MS,
);
