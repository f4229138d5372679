/** What an agent is told with a task: everything that is stored of it, and in the same words as anywhere else. */
import { type Finding, normaliseFinding, ProjectSettings, type Stage } from "@baton/domain";
import { expect, test } from "vitest";
import { apply } from "../apply.ts";
import { claimTickets } from "../claim.ts";
import { newId } from "../ids.ts";
import { insertProject } from "../projects.ts";
import type { TaskRow } from "../rows.ts";
import { blobs, proofs } from "../schema/index.ts";
import {
  changeOf,
  claimed,
  packetFor,
  sql,
  submitted,
  type TestDatabase,
  testDatabase,
  testRun,
} from "../testing/line.ts";
import { contextsOf } from "./contexts.ts";
import { findPacket } from "./packets.ts";

const finding = (title: string, severity: Finding["severity"]) => normaliseFinding({ title, severity }, "finding");

/** One visit of a stage, which leaves a packet. Gives the row afterwards, and the packet's id. */
async function visit(open: TestDatabase, row: Awaited<ReturnType<typeof submitted>>, stage: Stage, more = {}) {
  const packet = packetFor(stage, { cost_usd: "0.250000", cost_tokens_in: 12, ...more });
  const change = changeOf(await claimed(open, row), { name: "pass", reasons: [] }, { packet });
  const [applied] = await apply(open.db, [{ ...change, attempt: { outcome: "pass" } }]);
  if (!applied) throw new Error("the visit did not count");
  return { row: applied.row, packet_id: packet.id };
}

test("a new task's context is its texts, its run and its project, and nothing that anybody has left", async () => {
  const open = await testDatabase();
  const { id } = await submitted(open, { title: "t", description: "d", acceptance_criteria: ["a", "b"] });
  expect((await contextsOf(open.db, [id])).get(id)).toMatchObject({
    task_id: id,
    spec: { title: "t", description: "d", acceptance_criteria: ["a", "b"] },
    run: { id: open.run_id, name: "run" },
    project: { id: open.project_id, name: "test", repository_url: "/repository", settings: { test_command: "true" } },
    packets: [],
    findings: [],
  });
});

test("packets come the newest first, one of each stage, word for word as they are read alone", async () => {
  const open = await testDatabase();
  const dev = await visit(open, await submitted(open), "dev");
  const qa = await visit(open, dev.row, "qa", { output_metrics: { "ä\n": [1.5, null] }, started_at: null });
  const context = (await contextsOf(open.db, [dev.row.id])).get(dev.row.id);
  expect(context?.packets).toEqual([await findPacket(open.db, qa.packet_id), await findPacket(open.db, dev.packet_id)]);
});

test("of a stage that was visited twice only the newer packet counts", async () => {
  const open = await testDatabase();
  const first = await visit(open, await submitted(open), "dev");
  const [back] = await apply(open.db, [changeOf(first.row, { name: "set_stage", stage: "dev" })]);
  if (!back) throw new Error("it did not go back");
  const second = await visit(open, back.row, "dev", { version: 2, previous_version_id: first.packet_id });
  const context = (await contextsOf(open.db, [first.row.id])).get(first.row.id);
  expect(context?.packets.map((packet) => packet.id)).toEqual([second.packet_id]);
});

test("the findings are those of the newest packet, the worst first", async () => {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open));
  const findings = [finding("small", "low"), finding("large", "high")];
  const change = changeOf(row, { name: "reject", reasons: [] }, { packet: packetFor("dev"), findings });
  await apply(open.db, [{ ...change, attempt: { outcome: "reject" } }]);
  expect((await contextsOf(open.db, [row.id])).get(row.id)?.findings).toEqual([findings[1], findings[0]]);
});

test("each of many tasks gets its own context, and an unknown one gets none", async () => {
  const open = await testDatabase();
  const [one, other] = [await submitted(open, { title: "one" }), await submitted(open, { title: "other" })];
  const { packet_id } = await visit(open, other, "dev");
  const contexts = await contextsOf(open.db, [other.id, one.id, open.run_id]);
  expect(contexts.get(one.id)).toMatchObject({ spec: { title: "one" }, packets: [] });
  expect(contexts.get(other.id)).toMatchObject({ spec: { title: "other" }, packets: [{ id: packet_id }] });
  expect(contexts.size).toBe(2);
});

/** What stands in the table after a proof was taken in. */
async function proved(open: TestDatabase, row: TaskRow, more: Partial<typeof proofs.$inferInsert> = {}) {
  const checksum = "0".repeat(64);
  await open.db.orm.insert(blobs).values({ checksum, size_bytes: 3 }).onConflictDoNothing();
  const { workspace_id, project_id, id: task_id, run_id } = row;
  const proof = { kind: "log", name: "a.log", media_type: "text/plain", checksum, size_bytes: 3 } as const;
  const made = {
    id: newId(),
    workspace_id,
    project_id,
    task_id,
    run_id,
    created_by: "test",
    source: "person",
  } as const;
  await open.db.orm.insert(proofs).values({ ...made, ...proof, summary: "one", ...more });
}

test("the newest twenty proofs are told, the newest first, of this task alone", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  expect((await contextsOf(open.db, [row.id])).get(row.id)?.proofs).toEqual([]);
  for (let n = 1; n <= 22; n += 1) await proved(open, row, { summary: `number ${n}`, stage: "qa" });
  await proved(open, await submitted(open), { summary: "of another task" });
  const lines = (await contextsOf(open.db, [row.id])).get(row.id)?.proofs ?? [];
  expect(lines).toHaveLength(20);
  expect(lines[0]).toMatch(/^log qa: number 22 \(a\.log, 3 B, [0-9a-f]{8}\)$/);
  expect(lines[19]).toContain("number 3 ");
});

test("what the line left of an attempt is told once the attempt was accepted, with its visit", async () => {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open));
  await proved(open, row, { source: "line", lease_id: row.lease_id, stage: "dev" });
  expect((await contextsOf(open.db, [row.id])).get(row.id)?.proofs).toEqual([]);
  const change = changeOf(row, { name: "pass", reasons: [] }, { packet: packetFor("dev") });
  await apply(open.db, [{ ...change, attempt: { outcome: "pass" } }]);
  const [line = ""] = (await contextsOf(open.db, [row.id])).get(row.id)?.proofs ?? [];
  expect(line).toMatch(/^log dev v1: one /);
});

test("what cannot be read of one task fails where that is asked for alone, and costs the others of a claim nothing", async () => {
  const open = await testDatabase();
  const other = newId();
  const place = { workspace_id: open.workspace_id, repository_url: "/repository", primary_branch: "main" };
  await insertProject(open.db, {
    ...{ ...place, id: other, name: "other", settings: ProjectSettings.parse({}), hosted: ["dev"] },
  });
  const run_id = await testRun(open.db, open.workspace_id, other);
  const rows = [await submitted(open), await submitted(open, { project_id: other, run_id }), await submitted(open)];
  await sql(
    open.db,
    `insert into contracts (id, workspace_id, project_id, from_stage, to_stage, version, definition, created_by)
     values ($1, $2, $3, 'dev', 'qa', 1, '{"of": "a later version"}', 'test')`,
    ...[newId(), open.workspace_id, other],
  );
  const asking = () => ({ lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" });
  const given = await claimTickets(
    open.db,
    rows.map(({ id }) => ({ ...asking(), task_id: id, stage: "dev" as const })),
  );
  const told = given.map((one) => one !== null && typeof one === "object" && `${one.id} ${one.context?.task_id}`);
  expect(new Set(told)).toEqual(
    new Set(rows.map(({ id, project_id }) => `${id} ${project_id === other ? undefined : id}`)),
  );
  await expect(contextsOf(open.db, [rows[1]?.id ?? ""])).rejects.toThrow();
});
