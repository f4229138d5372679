/** A handoff against its contract on a real line: what is read again, what a violation leaves untouched, and what goes on. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import type { ContractInput } from "@baton/domain";
import { expect, test } from "vitest";
import { completeLease, type Held, type HostedResult, heartbeatLease, manifest, putHeldArtifact } from "./index.ts";
import { agree, fileOf, problemOf, put, REPORT, working } from "./testing/contracts.ts";
import { workTicket } from "./testing/hosted-work.ts";
import { testLine, testProject } from "./testing/index.ts";
import { complete, evidence, leased, letTasksBeDue, packet, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";

test("a violation tells every problem at once, writes nothing and keeps the lease; mended, the handoff goes on", async () => {
  const { open, id, ref } = await working({
    artifacts: [REPORT, { name: "log.txt", type: "text/plain" }],
    packet: { required_fields: ["/output_metrics/commit"] },
  });
  await put(open, ref, "report.json", '{"failed": 2, "coverage": 79}');
  const before = await rowOf(open, id);
  expect(await problemOf(open, ref)).toEqual({
    code: "contract_violated",
    pointers: [
      "/artifacts/log.txt",
      "/artifacts/report.json/schema/failed",
      "/artifacts/report.json/total",
      "/artifacts/report.json/minimum_test_coverage",
      "/packet/output_metrics/commit",
    ],
  });
  expect(await rowOf(open, id)).toEqual(before);
  expect(await sql(open, "select * from handoff_packets")).toEqual([]);
  expect(valueOf(await heartbeatLease(open.line, open.admin, ref)).directive).toBe("continue");

  const report = await put(open, ref, "report.json", '{"total": 3, "failed": 0, "coverage": 80}');
  const log = await put(open, ref, "log.txt", "all well", "text/plain");
  const draft = { ...packet(), output_metrics: { commit: "abc" } };
  const input = { ...ref, result: "pass" as const, packet: draft, findings: [] };
  const done = valueOf(await completeLease(open.line, open.admin, input));
  expect(done).toMatchObject({ verdict: "pass", warnings: [], task: { stage: "qa", state: "pending" } });
  expect(done.packet.output_metrics).toMatchObject({ contract: { version: 1, warnings: [] } });
  const { artifacts } = valueOf(await manifest(open.line, open.admin, { id }));
  expect(artifacts.filter((one) => one.transferred_to.length > 0)).toMatchObject([
    {
      id: report.id,
      schema_valid: true,
      schema: REPORT.schema,
      transferred_to: [{ stage: "qa", transfer_checksum: report.checksum }],
    },
    { id: log.id, schema_valid: null, transferred_to: [{ stage: "qa", transfer_checksum: log.checksum }] },
  ]);
});

test("what is not critical warns: in the answer, in the packet, and nobody is stopped", async () => {
  const { open, ref } = await working({ artifacts: [{ ...REPORT, critical: false }], if_missing: "fail" });
  const done = valueOf(await complete(open, ref));
  const warnings = [{ pointer: "/artifacts/report.json", detail: "is missing: put it before completing" }];
  expect(done).toMatchObject({ verdict: "pass", warnings });
  expect(done.packet.output_metrics).toMatchObject({ contract: { version: 1, warnings } });
});

test("a rejection goes back with its findings and needs no contract", async () => {
  const { open, id, ref } = await working({ artifacts: [REPORT] });
  expect(valueOf(await complete(open, ref, { result: "reject" })).verdict).toBe("reject");
  expect(await rowOf(open, id)).toMatchObject({ stage: "dev", visit: 2 });
});

test("without a contract of its own a project takes a bare packet, and whatever was put goes on all the same", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref, context } = await leased(open, "dev");
  expect(context.contract).toMatchObject({ from: "dev", to: "qa", version: 0 });
  const { checksum } = await put(open, ref, "notes", "hello");
  const done = valueOf(await complete(open, ref));
  expect(done.packet.output_metrics).not.toHaveProperty("contract");
  expect(valueOf(await manifest(open.line, open.admin, { id })).artifacts).toMatchObject([
    { name: "notes", schema_valid: null, transferred_to: [{ stage: "qa", transfer_checksum: checksum }] },
  ]);
});

test.each([
  ["a flipped byte", "/artifacts/notes/checksum"],
  ["a file that is gone", "/artifacts/notes/transfer"],
])("%s is found at the handoff, nothing goes on, and putting it again mends it", async (damage, pointer) => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  const path = fileOf(open, (await put(open, ref, "notes", "hello")).checksum);
  const bytes = readFileSync(path);
  if (damage === "a flipped byte") {
    bytes.writeUInt8(bytes.readUInt8(0) ^ 1, 0);
    writeFileSync(path, bytes);
  } else rmSync(path);
  expect(await problemOf(open, ref)).toEqual({ code: "contract_violated", pointers: [pointer] });
  expect(await rowOf(open, id)).toMatchObject({ stage: "dev", state: "running" });
  expect(await sql(open, "select * from artifact_transfers")).toEqual([]);
  await put(open, ref, "notes", "hello");
  expect(valueOf(await complete(open, ref)).verdict).toBe("pass");
});

test("a flipped byte is found in what the contract looks into as well", async () => {
  const { open, ref } = await working({ artifacts: [{ name: "report.json", format: "json" }] });
  const path = fileOf(open, (await put(open, ref, "report.json", '{"total": 1}')).checksum);
  writeFileSync(path, '{"total": 2}');
  expect(await problemOf(open, ref)).toMatchObject({ pointers: ["/artifacts/report.json/checksum"] });
});

test("other formats are read through their transformer; what cannot be read is of the wrong type", async () => {
  const asked = { name: "r", format: "junit_xml", transform: "junit_xml_to_test_results" } as const;
  const { open, ref } = await working({ artifacts: [{ ...asked, schema: { properties: { failed: { const: 0 } } } }] });
  await put(open, ref, "r", "not xml");
  expect(await problemOf(open, ref)).toMatchObject({ pointers: ["/artifacts/r/format"] });
  await put(open, ref, "r", '<testsuite><testcase name="a"><failure/></testcase></testsuite>');
  expect(await problemOf(open, ref)).toMatchObject({ pointers: ["/artifacts/r/schema/failed"] });
  await put(open, ref, "r", '<testsuite><testcase name="a"/></testsuite>');
  expect(valueOf(await complete(open, ref)).verdict).toBe("pass");
});

test("a document too large to be looked into is a problem, not a burden", async () => {
  const { open, ref } = await working({ artifacts: [{ name: "big", format: "json" }] });
  await put(open, ref, "big", `"${"x".repeat(5 * 1024 * 1024)}"`);
  const done = await complete(open, ref);
  expect(done.ok ? [] : done.problem.errors).toMatchObject([
    { pointer: "/artifacts/big/format", detail: expect.stringContaining("at most 4194304 are looked into") },
  ]);
});

test("the next stage's own contract says what it must be given", async () => {
  const { open, project_id, ref } = await working({});
  const input = { required_fields: ["/output_metrics/commit"] };
  valueOf(await agree(open, project_id, { input }, { from: "qa", to: "sec" }));
  expect(await problemOf(open, ref)).toMatchObject({ pointers: ["/packet/output_metrics/commit"] });
});

test("the contract that was in force at the claim holds for the lease, whatever is changed meanwhile", async () => {
  const { open, project_id, ref, claimed } = await working({});
  expect(claimed.context.contract).toMatchObject({ from: "dev", to: "qa", version: 1 });
  valueOf(await agree(open, project_id, { artifacts: [REPORT] }));
  expect(valueOf(await complete(open, ref)).verdict).toBe("pass");
  await submitted(open, undefined, { project_id });
  const later = await leased(open, "dev");
  expect(later.context.contract.version).toBe(2);
  expect(later.prompt).toContain("the artifact report.json");
  expect(await problemOf(open, later.ref)).toMatchObject({ pointers: ["/artifacts/report.json"] });
});

/** A hosted worker of dev with a ticket for it. */
async function hosted(definition: ContractInput = {}) {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  if (Object.keys(definition).length > 0) valueOf(await agree(open, project_id, definition));
  const { id, run } = await submitted(open, undefined, { project_id });
  const ticket = { task_id: id, run_id: run.id, stage: "dev" as const, visit: 1, dispatch: 1 };
  const worker = { agent: { id: "w", kind: "hosted" }, lease_ms: 60_000, shutdown: new AbortController().signal };
  const done: HostedResult = { outcome: "done", ...evidence() };
  const work = (leave: (held: Held) => Promise<unknown>) =>
    workTicket(open.line, ticket, { ...worker, work: async ({ held }) => leave(held).then(() => done) });
  return { open, id, work };
}

test("a hosted worker whose work does not keep the contract has failed, and the problems are told", async () => {
  const { open, id, work } = await hosted({ packet: { required_fields: ["/output_metrics/commit"] } });
  expect(await work(async () => undefined)).toBe("fail");
  expect(await rowOf(open, id)).toMatchObject({ stage: "dev", state: "pending", failures: 1 });
  expect(await sql(open, "select fault, message from attempts")).toMatchObject([
    { fault: "task", message: expect.stringContaining("\n/packet/output_metrics/commit is missing") },
  ]);
});

test("a hosted worker that never keeps the contract parks the task, unless the contract says to try again", async () => {
  const packet = { required_fields: ["/output_metrics/commit"] };
  const { open, id, work } = await hosted({ packet });
  for (let n = 0; n < 3; n += 1) {
    await letTasksBeDue(open);
    expect(await work(async () => undefined)).toBe("fail");
  }
  expect(await rowOf(open, id)).toMatchObject({ state: "failed", failures: 3 });
  const other = await hosted({ packet, if_missing: "retry" });
  expect(await other.work(async () => undefined)).toBe("fail");
  expect(await rowOf(other.open, other.id)).toMatchObject({ state: "pending", failures: 0 });
});

test("what a hosted worker has put goes on with its handoff", async () => {
  const { open, id, work } = await hosted();
  const file = () => ({ name: "notes", media_type: "text/plain", stream: Readable.from(["hello"]), limit_bytes: 100 });
  expect(await work((held) => putHeldArtifact(open.line, held, file()))).toBe("pass");
  expect(valueOf(await manifest(open.line, open.admin, { id })).artifacts).toMatchObject([
    { name: "notes", transferred_to: [{ stage: "qa" }] },
  ]);
});
