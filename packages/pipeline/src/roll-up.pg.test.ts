/** What a run leaves on its feature as it moves down the line, and that it is left once, whoever looks and whenever. */
import { findFeature, insertFeature, newId, pageOfFeaturePackets } from "@baton/db";
import type { Packet, PacketDraft, Stage } from "@baton/domain";
import { expect, test } from "vitest";
import {
  addFeaturePacket,
  approveRun,
  cancelTask,
  createRun,
  getAuditTrail,
  killRun,
  roleVersions,
  taskProgress,
} from "./index.ts";
import { completeLease } from "./leases.ts";
import { openRecorder } from "./recorder.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { leased, newTasks, packet, sql, valueOf } from "./testing/verbs.ts";

interface Step {
  result?: "pass" | "reject";
  cost_usd?: string;
  draft?: Partial<PacketDraft>;
}

/** A feature with a run of some tasks, and the recorder that watches it. */
async function featureRun(open: TestLine, tasks: number, approval: "none" | "required" = "none") {
  const project_id = await testProject(open);
  const { id: feature_id } = await insertFeature(open.db, {
    ...{ id: newId(), workspace_id: open.admin.workspace_id, project_id, title: "a feature", description: "" },
  });
  const input = { project_id, feature_id, name: "a run", tasks: newTasks(tasks), options: { approval } };
  const made = valueOf(await createRun(open.line, open.admin, input));
  const recorder = openRecorder(open.line);
  return { ...made, feature_id, recorder, ...steps(open, feature_id, recorder) };
}

function steps(open: TestLine, feature_id: string, recorder: ReturnType<typeof openRecorder>) {
  const step = async (stage: Stage, { result = "pass", cost_usd = "0.100001", draft = {} }: Step = {}) => {
    const { ref } = await leased(open, stage);
    const findings = result === "reject" ? [{ title: `bug of ${stage}`, severity: "high" as const }] : [];
    const usage = { tokens_in: 10, tokens_out: 3, cost_usd };
    const sent = { ...ref, result, packet: { ...packet(), ...draft }, findings, usage };
    valueOf(await completeLease(open.line, open.admin, sent));
    await open.line.settle();
  };
  const all = async () => (await pageOfFeaturePackets(open.db, feature_id, { limit: 100, after: null })) ?? [];
  const tick = () => recorder.tick();
  const trail = async () => valueOf(await getAuditTrail(open.line, open.admin, { id: feature_id }));
  return { step, all, tick, trail };
}

const named = (packets: Packet[]) => packets.map(({ phase, version, status }) => `${phase} ${version} ${status}`);

test("a phase is written when all tasks are past it, and not before", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  const written: string[][] = [];
  for (const stage of ["dev", "dev", "qa", "qa", "sec", "sec", "docs", "docs"] as const) {
    await run.step(stage);
    await run.tick();
    written.push(named(await run.all()).slice(-2));
  }
  expect(written.map((list) => list.at(-1))).toEqual([
    ...[undefined, "in_progress 1 completed", "in_progress 1 completed", "qa_review 1 completed"],
    ...["qa_review 1 completed", "qa_review 1 completed", "qa_review 1 completed", "approved 1 completed"],
  ]);
  expect(named(await run.all())).toEqual([
    ...["in_progress 1 completed", "qa_review 1 completed", "review 1 completed", "approved 1 completed"],
  ]);
  expect(open.errors).toEqual([]);
});

test("a packet holds the sums of its tasks' packets, its place in the table and its source", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  for (const stage of ["dev", "dev", "qa", "qa"] as const) await run.step(stage);
  expect(await run.tick()).toBe(2);
  const [build, tests] = await run.all();
  const [times] = await sql<{ began: Date; ended: Date; took: number }>(
    open,
    "select min(started_at) as began, max(completed_at) as ended, sum(duration_ms)::int as took from handoff_packets where phase = 'dev'",
  );
  expect(build).toMatchObject({
    ...{ agent_id: "IN2", agent_type: "builder", agent_name: "Baton", feature_id: run.feature_id, task_id: null },
    ...{ cost_tokens_in: 20, cost_tokens_out: 6, cost_usd: "0.200002", duration_ms: times?.took },
    ...{ started_at: times?.began.toISOString(), completed_at: times?.ended.toISOString() },
    output_metrics: { run_id: run.run.id, tasks: 2, packets: 2, loop_backs: 0 },
  });
  expect(tests).toMatchObject({
    agent_id: "IN6",
    input_source_phase: "in_progress",
    input_source_packet_id: build?.id,
  });
});

test("after a loop-back there is a next version with what was added, and all versions together are what the run took", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  for (const stage of ["dev", "dev"] as const) await run.step(stage);
  await run.tick();
  await run.step("qa", { result: "reject", cost_usd: "0.000009" });
  await run.step("qa");
  expect(await run.tick()).toBe(0);
  await run.step("dev", { cost_usd: "0.7" });
  expect(await run.tick()).toBe(1);
  for (const stage of ["qa", "sec", "sec", "docs", "docs"] as const) await run.step(stage);
  expect(await run.tick()).toBe(3);
  const packets = await run.all();
  expect(named(packets).slice(0, 3)).toEqual([
    "in_progress 2 completed",
    "in_progress 1 completed",
    "qa_review 1 completed",
  ]);
  const [second, first, tests] = packets;
  expect(second).toMatchObject({
    ...{ previous_version_id: first?.id, cost_usd: "0.700000", cost_tokens_in: 10 },
    output_metrics: { tasks: 2, packets: 1, loop_backs: 0 },
  });
  expect(tests).toMatchObject({
    output_metrics: { packets: 3, loop_backs: 1 },
    activity_log: [{ event: "rejected", detail: expect.stringMatching(/a task \(qa, version 1\): .*bug of qa/) }],
  });
  const { totals, phases, current_phase, percent } = await run.trail();
  const progress = valueOf(await taskProgress(open.line, open.admin, { id: run.run.id }));
  const { cost_usd, tokens_in, tokens_out } = progress;
  expect(totals).toMatchObject({ cost_usd, tokens_in, tokens_out });
  expect(phases.find(({ phase }) => phase === "qa_review")?.rejections).toBe(1);
  expect({ current_phase, percent }).toEqual({ current_phase: "pr_submitted", percent: 75 });
});

test("files and decisions are joined: one entry for each, the newest wins", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  const file = (path: string, action: "created" | "modified") => ({ type: "file" as const, path, action });
  const decision = { decision: "cache it", rationale: "it is slow" };
  await run.step("dev", {
    draft: { output_artifacts: [file("a", "created"), file("b", "created")], output_decisions: [decision] },
  });
  await run.step("dev", { draft: { output_artifacts: [file("a", "modified")], output_decisions: [decision] } });
  await run.tick();
  const [build] = await run.all();
  expect(build?.output_artifacts).toEqual([file("a", "modified"), file("b", "created")]);
  expect(build?.output_decisions).toEqual([decision]);
});

test("several directors at the same moment write each packet once", async () => {
  const open = await testLine();
  const run = await featureRun(open, 1);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await run.step(stage);
  const written = await Promise.all([1, 2, 3].map(() => openRecorder(open.line).tick()));
  expect(written.reduce((sum, one) => sum + one)).toBe(4);
  expect(await run.all()).toHaveLength(4);
  expect(open.errors).toEqual([]);
  expect(await run.tick()).toBe(0);
});

test("a director that starts later finds what happened while there was none, once", async () => {
  const open = await testLine();
  const run = await featureRun(open, 1);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await run.step(stage);
  expect(await openRecorder(open.line).tick()).toBe(4);
  expect(await openRecorder(open.line).tick()).toBe(0);
});

test("a run that wants approval waits for it on the feature, and goes on from there", async () => {
  const open = await testLine();
  const run = await featureRun(open, 1, "required");
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await run.step(stage);
  await run.tick();
  const [waiting] = (await run.all()).filter(({ phase }) => phase === "approved");
  expect(waiting).toMatchObject({
    version: 1,
    status: "in_progress",
    completed_at: null,
    agent_id: "HBx",
    cost_usd: null,
  });
  expect((await run.trail()).current_phase).toBe("approved");
  expect(await run.tick()).toBe(0);
  valueOf(await approveRun(open.line, open.admin, run.run));
  expect(await run.tick()).toBe(1);
  const [approved] = (await run.all()).filter(({ phase }) => phase === "approved");
  expect(approved).toMatchObject({ version: 2, status: "completed", started_at: waiting?.started_at });
  expect(Date.parse(approved?.completed_at ?? "")).toBeGreaterThanOrEqual(Date.parse(approved?.started_at ?? ""));
  expect(await openRecorder(open.line).tick()).toBe(0);
});

test("cancelled tasks hold nothing up; a killed run and one without a feature leave nothing", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  valueOf(await cancelTask(open.line, open.admin, { id: run.tasks[0]?.id ?? "" }));
  await run.step("dev");
  expect(await run.tick()).toBe(1);
  valueOf(await killRun(open.line, open.admin, { id: run.run.id }));
  expect(await run.tick()).toBe(0);
  const project_id = await testProject(open);
  valueOf(await createRun(open.line, open.admin, { project_id, name: "alone", tasks: newTasks(1), options: {} }));
  await run.step("dev");
  expect(await run.tick()).toBe(0);
});

test("packets left by others are counted on: versions go on, and the source is the newest before", async () => {
  const open = await testLine();
  const run = await featureRun(open, 1);
  const left = { ...packet("built by hand"), phase: "in_progress" as const, status: "completed" as const };
  const by = { id: run.feature_id, agent_id: "me", agent_name: "Me", input_context: {} };
  valueOf(await addFeaturePacket(open.line, open.admin, { ...left, ...by }));
  const plan = valueOf(await addFeaturePacket(open.line, open.admin, { ...left, ...by, phase: "planning" }));
  await run.step("dev");
  await run.tick();
  const [, built] = await run.all();
  expect(built).toMatchObject({ version: 2, agent_name: "Baton", input_source_packet_id: plan.packet.id });
  expect(await findFeature(open.db, open.admin.workspace_id, run.feature_id)).not.toBeNull();
});

test("a run that cannot be written is reported and tried again, and the others do not wait for it", async () => {
  const open = await testLine();
  const broken = await featureRun(open, 1);
  await broken.step("dev");
  const fine = await featureRun(open, 1);
  await fine.step("dev");
  const refusing = `alter table feature_rollups add constraint broken check (run_id <> '${broken.run.id}')`;
  await sql(open, refusing);
  expect(await fine.tick()).toBe(1);
  expect(await broken.all()).toEqual([]);
  expect(open.errors).toHaveLength(1);
  await sql(open, "alter table feature_rollups drop constraint broken");
  expect(await fine.tick()).toBe(1);
  expect(named(await broken.all())).toEqual(["in_progress 1 completed"]);
});

test("costs as large as can be told are summed wherever they are summed", async () => {
  const open = await testLine();
  const run = await featureRun(open, 2);
  const cost_usd = "999999999999.999999";
  for (const stage of ["dev", "dev"] as const) await run.step(stage, { cost_usd });
  expect(await run.tick()).toBe(1);
  expect(open.errors).toEqual([]);
  const both = "1999999999999.999998";
  expect(await run.all()).toMatchObject([{ phase: "in_progress", cost_usd: both }]);
  expect(valueOf(await taskProgress(open.line, open.admin, { id: run.run.id }))).toMatchObject({ cost_usd: both });
  expect(valueOf(await roleVersions(open.line, open.admin, { role: "dev" }))).toMatchObject({
    items: [{ cost_usd: both }],
  });
  expect(await run.trail()).toMatchObject({ totals: { cost_usd: both } });
  for (const stage of ["qa", "qa"] as const) await run.step(stage, { cost_usd });
  expect(await run.tick()).toBe(1);
});
