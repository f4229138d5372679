/** Contracts over HTTP: said, looked at, refused when nobody could keep them; a violation, its repair and its success. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { serve, stranger } from "./testing/served.ts";
import { claimed, PACKET, project, run } from "./testing/work.ts";

const api = await serve();

const edge = (id: string, from = "dev", to = "qa") => ({ id, from: from as "dev", to: to as "qa" });

const CONTRACT = {
  artifacts: [
    {
      ...{ name: "test report.json", type: "application/json", required_fields: ["/totals/passed"] },
      schema: {
        type: "object",
        properties: { totals: { required: ["passed"], properties: { failed: { const: 0 } } } },
      },
    },
    { name: "notes.md", critical: false },
  ],
  packet: { required_fields: ["/output_metrics/commit"] },
};

test("a project has the four contracts that ship with the product until it says otherwise", async () => {
  const id = await project(api);
  const { items } = await api.producer.ok("listContracts", { params: { id } });
  expect(items.map(({ from, to, version }) => `${from} ${to} ${version}`)).toEqual([
    ...["dev qa 0", "qa sec 0", "sec docs 0", "docs complete 0"],
  ]);
  const { contract } = await api.producer.ok("getContract", { params: edge(id, "docs", "complete") });
  expect(contract).toMatchObject({ project_id: id, version: 0, created_by: null, created_at: null });
});

test("each PUT is a new version; the newest is shown; a repeated request is one version", async () => {
  const id = await project(api);
  const first = await api.producer.call("putContract", { params: edge(id), body: CONTRACT });
  expect(first.status).toBe(201);
  expect(first.value.contract).toMatchObject({ version: 1, from: "dev", to: "qa", created_by: "a producer" });
  expect(first.value.contract.definition).toMatchObject({ if_missing: "fail", artifacts: [{ critical: true }, {}] });
  const again = { "idempotency-key": `contract of ${id}`.replaceAll(" ", "-") };
  const body = { ...CONTRACT, timeout_minutes: 30 };
  const second = await api.producer.ok("putContract", { params: edge(id), body }, again);
  expect(await api.producer.ok("putContract", { params: edge(id), body }, again)).toEqual(second);
  expect(await api.producer.ok("getContract", { params: edge(id) })).toEqual(second);
  expect(second.contract).toMatchObject({ version: 2, definition: { timeout_minutes: 30 } });
});

test.each([
  ["dev", "sec"],
  ["qa", "dev"],
  ["none", "dev"],
  ["docs", "done"],
])("there is no handoff from %s to %s", async (from, to) => {
  const id = await project(api);
  for (const [method, body] of [["GET"], ["PUT", "{}"]] as const) {
    const headers = { "content-type": "application/json" };
    const path = `/api/projects/${id}/contracts/${from}/${to}`;
    const answer = await api.producer.raw(method, path, body === undefined ? {} : { body, headers });
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request" } });
  }
});

function nested(depth: number): object {
  return depth === 0 ? {} : { not: nested(depth - 1) };
}

test.each([
  [{ artifacts: [{ name: "a", schema: { $ref: "http://127.0.0.1:1/x" } }] }, 422, "/artifacts/0/schema/$ref"],
  [{ artifacts: [{ name: "a", schema: { allOf: [{ $ref: "#" }] } }] }, 422, "/artifacts/0/schema/allOf/0"],
  [{ packet: { schema: { pattern: "(?=x)" } } }, 422, "/packet/schema"],
  [{ packet: { schema: { uniqueItems: true } } }, 422, "/packet/schema/uniqueItems"],
  [{ packet: { schema: { const: "x".repeat(70_000) } } }, 422, "/packet/schema"],
  [{ artifacts: [{ name: "a", transform: "docx_to_json" }] }, 422, "/artifacts/0/transform"],
  [{ packet: { schema: nested(40) } }, 400, "/packet/schema"],
  [{ artifacts: [{ name: "../a" }] }, 400, "/artifacts/0/name"],
  [{ artifacts: [{ name: "a", surprise: 1 }] }, 400, "/artifacts/0/surprise"],
  [{ artifacts: [{ name: "a", depends_on: ["b"] }] }, 400, "/artifacts/0/depends_on/0"],
  [{ if_missing: "shrug" }, 400, "/if_missing"],
])("bad contract %# is refused with its place, and no version is made", async (body, status, pointer) => {
  const id = await project(api);
  const answer = await api.producer.call("putContract", { params: edge(id), body: body as never });
  expect(answer.status, answer.text).toBe(status);
  expect(answer.problem.errors?.map((one) => one.pointer)).toContain(pointer);
  expect((await api.producer.ok("getContract", { params: edge(id) })).contract.version).toBe(0);
});

test("a schema of a megabyte is too large to be taken at all", async () => {
  const id = await project(api);
  const body = { packet: { schema: { const: "x".repeat(1_100_000) } } };
  expect((await api.producer.call("putContract", { params: edge(id), body })).status).toBe(413);
});

test("agents and strangers neither see nor say contracts", async () => {
  const id = await project(api);
  expect((await api.agent.call("putContract", { params: edge(id), body: {} })).status).toBe(403);
  expect((await api.agent.call("getContract", { params: edge(id) })).status).toBe(403);
  const foreign = await stranger(api);
  expect((await foreign.call("putContract", { params: edge(id), body: {} })).status).toBe(404);
  expect((await foreign.call("listContracts", { params: { id } })).status).toBe(404);
});

/** A task in dev under the contract, in the agent's hands. */
async function underContract() {
  const sent = await run(api);
  await api.producer.ok("putContract", { params: edge(sent.run.project_id), body: CONTRACT });
  const { lease, context, prompt } = await claimed(api);
  const put = (name: string, body: string) =>
    api.agent.raw("PUT", `/api/leases/${lease.id}/artifacts/${encodeURIComponent(name)}?epoch=${lease.epoch}`, {
      body,
      headers: { "content-type": "application/json" },
    });
  const complete = (output_metrics: Record<string, unknown>, headers = {}) => {
    const body = { epoch: lease.epoch, result: "pass" as const, packet: { ...PACKET, output_metrics } };
    return api.agent.call("complete", { params: { id: lease.id }, body }, headers);
  };
  const beat = () => api.agent.call("heartbeat", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  return { lease, context, prompt, put, complete, beat };
}

test("an agent sees its contract, breaks it, hears every problem at once, mends it under the same lease and passes", async () => {
  const { lease, context, prompt, put, complete, beat } = await underContract();
  expect(context.contract).toMatchObject({ from: "dev", to: "qa", version: 1 });
  expect(prompt).toContain("the artifact test report.json");
  expect((await put("test report.json", '{"totals": {"failed": 2}}')).status).toBe(201);

  const key = { "idempotency-key": `complete-${lease.id}` };
  const broken = await complete({}, key);
  expect(broken).toMatchObject({ status: 422, problem: { code: "contract_violated" } });
  expect(broken.problem.errors?.map(({ pointer }) => pointer)).toEqual([
    "/artifacts/test report.json/schema/totals",
    "/artifacts/test report.json/schema/totals/failed",
    "/artifacts/test report.json/totals/passed",
    "/packet/output_metrics/commit",
  ]);
  expect((await beat()).value.directive).toBe("continue");

  expect((await put("test report.json", '{"totals": {"passed": 4, "failed": 0}}')).status).toBe(201);
  const mended = await complete({ commit: "abc" }, { "idempotency-key": `mended-${lease.id}` });
  const warnings = [{ pointer: "/artifacts/notes.md", detail: expect.stringContaining("is missing") }];
  expect(mended).toMatchObject({
    status: 200,
    value: {
      verdict: "pass",
      warnings,
      task: { stage: "qa" },
      packet: { output_metrics: { contract: { version: 1, warnings } } },
    },
  });
  expect((await beat()).status).toBe(410);
  const { artifacts } = await api.producer.ok("manifest", { params: { id: lease.task_id } });
  expect(artifacts.map((one) => [one.schema_valid, one.transferred_to.map(({ stage }) => stage)])).toEqual(
    expect.arrayContaining([[true, ["qa"]]]),
  );
});

test("a byte flipped on disk is caught at complete, and nothing is passed on", async () => {
  const { lease, put, complete, beat } = await underContract();
  const content = `{"totals": {"passed": 7}, "of": "${lease.id}"}`;
  const { artifact } = (await put("test report.json", content)).body as { artifact: { checksum: string } };
  const path = fileUnder(api.store_folder, artifact.checksum);
  const bytes = readFileSync(path);
  bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
  writeFileSync(path, bytes);
  const broken = await complete({ commit: "abc" });
  expect(broken).toMatchObject({
    ...{ status: 422 },
    problem: { code: "contract_violated", errors: [{ pointer: "/artifacts/test report.json/checksum" }] },
  });
  expect((await beat()).status).toBe(200);
  const { artifacts } = await api.producer.ok("manifest", { params: { id: lease.task_id } });
  expect(artifacts).toMatchObject([{ transferred_to: [] }]);
  expect((await api.producer.ok("getTask", { params: { id: lease.task_id } })).task).toMatchObject({ stage: "dev" });

  await put("test report.json", content);
  expect((await complete({ commit: "abc" })).value.verdict).toBe("pass");
});

function fileUnder(folder: string, checksum: string): string {
  const found = readdirSync(folder, { recursive: true, encoding: "utf8" }).find((path) => path.endsWith(checksum));
  return join(folder, found ?? "");
}
