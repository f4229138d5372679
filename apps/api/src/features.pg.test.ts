/** Handoff packets of a feature over HTTP: the twelve things that must hold. */
import { PHASE_NAMES, PHASES } from "@baton/domain";
import { expect, test } from "vitest";
import { feature, leave, packetOf, packetsOf, sendPacket } from "./testing/features.ts";
import { serve, stranger } from "./testing/served.ts";

const api = await serve();
const NOBODY = "019a0000-0000-7000-8000-00000000dead";

const listed = (id: string) => packetsOf(api, id);
const send = (id: string, body: unknown) => sendPacket(api.producer, id, body);

const WHOLE = {
  ...{ phase: "design_review" as const, status: "rejected" as const, agent_id: "a-7", agent_name: "Ada" },
  ...{ agent_type: "critic", started_at: "2026-03-01T10:00:00.000Z", completed_at: "2026-03-01T12:00:00.500+01:00" },
  ...{ duration_ms: 1_234, cost_tokens_in: 12_345, cost_tokens_out: 678, cost_usd: "1.234567" },
  ...{ input_source_phase: "planning" as const, input_context: { ticket: 7 } },
  output_summary: "looked at it",
  output_artifacts: [{ type: "spec" as const, path: "docs/a.md", action: "created" as const, description: "the plan" }],
  output_decisions: [{ decision: "d", rationale: "r", alternatives_considered: ["x"] }],
  output_metrics: { pages: 3 },
  activity_log: [{ timestamp: "2026-03-01T10:30:00Z", event: "read", detail: "twice" }],
  rejection_reason: "too large",
};

test("1. a packet is answered with 201, its phase's order and label, and is one row with every field given and derived", async () => {
  const id = await feature(api);
  const plan = await leave(api, id, "planning");
  const answer = await leave(api, id, "design_review", WHOLE);
  expect(answer).toMatchObject({ phase_order: 2, phase_label: "Design", summary_cut: false });
  expect(answer.packet).toEqual({
    ...WHOLE,
    completed_at: "2026-03-01T11:00:00.500Z",
    ...{ id: expect.any(String), feature_id: id, task_id: null, version: 1, previous_version_id: null },
    ...{ input_source_packet_id: plan.packet.id, diff_from_previous: null },
    ...{ created_at: expect.any(String), updated_at: answer.packet.created_at },
  });
  expect((await listed(id)).filter(({ phase }) => phase === "design_review")).toEqual([
    { ...answer.packet, phase_order: 2, phase_label: "Design" },
  ]);
});

test("2. a phase outside the table and a missing field are 400, an unknown feature is 404, and nothing is written", async () => {
  const id = await feature(api);
  expect(await send(id, packetOf("building" as never))).toMatchObject({ status: 400, pointers: ["/phase"] });
  for (const field of ["phase", "agent_id", "agent_name", "output_summary"]) {
    const { [field]: _, ...rest } = packetOf("planning") as Record<string, unknown>;
    expect(await send(id, rest), field).toMatchObject({
      status: 400,
      code: "invalid_request",
      pointers: [`/${field}`],
    });
  }
  expect(await send(NOBODY, packetOf("planning"))).toMatchObject({ status: 404, code: "not_found" });
  const other = await stranger(api);
  const params = { id };
  expect(await other.call("addFeaturePacket", { params, body: packetOf("planning") })).toMatchObject({ status: 404 });
  expect(await other.call("listFeaturePackets", { params })).toMatchObject({ status: 404 });
  expect(await other.call("auditTrail", { params })).toMatchObject({ status: 404 });
  expect(await api.agent.call("addFeaturePacket", { params, body: packetOf("planning") })).toMatchObject({
    status: 403,
  });
  expect(await listed(id)).toEqual([]);
});

test("3. order, label and, when it is not given, the type of the agent come from the table", async () => {
  const id = await feature(api);
  for (const phase of PHASE_NAMES) {
    const { order, label, agent_type } = PHASES[phase];
    const answer = await leave(api, id, phase);
    expect(answer).toMatchObject({ phase_order: order, phase_label: label, packet: { agent_type } });
  }
  expect((await leave(api, id, "planning", { agent_type: "oracle" })).packet.agent_type).toBe("oracle");
});

test("4. what is completed without a time is completed now, by the database's clock; what is in progress has no end", async () => {
  const id = await feature(api);
  const { packet } = await leave(api, id, "planning");
  const [{ seconds } = { seconds: Number.NaN }] = await api.parts.line.db.run<{ seconds: number }>(
    {
      name: "age",
      text: "select extract(epoch from now() - completed_at)::float8 as seconds from handoff_packets where id = $1",
    },
    [packet.id],
  );
  expect(seconds).toBeGreaterThanOrEqual(0);
  expect(seconds).toBeLessThan(10);
  const open = await leave(api, id, "design_review", { status: "in_progress", duration_ms: 5 });
  expect(open.packet).toMatchObject({ status: "in_progress", completed_at: null, duration_ms: 5 });
  const completed_at = "2026-03-01T12:00:00.000Z";
  expect((await leave(api, id, "in_progress", { completed_at })).packet).toMatchObject({
    completed_at,
    duration_ms: null,
  });
  expect(await send(id, packetOf("planning", { status: "in_progress", completed_at }))).toMatchObject({
    ...{ status: 400, pointers: ["/completed_at"] },
  });
});

test("5. the duration is computed when both times are there and it is not given; an end before the beginning is refused", async () => {
  const id = await feature(api);
  const started_at = "2026-03-01T10:00:00.250Z";
  const completed_at = "2026-03-01T10:00:01.000Z";
  expect((await leave(api, id, "planning", { started_at, completed_at })).packet.duration_ms).toBe(750);
  expect((await leave(api, id, "planning", { started_at, completed_at, duration_ms: 0 })).packet.duration_ms).toBe(0);
  const { packet } = await leave(api, id, "planning", { started_at });
  expect(packet.duration_ms).toBe(Date.parse(packet.completed_at ?? "") - Date.parse(started_at));
  const before = await listed(id);
  expect(await send(id, packetOf("planning", { started_at: completed_at, completed_at: started_at }))).toMatchObject({
    ...{ status: 400, code: "invalid_request", pointers: ["/completed_at"] },
  });
  for (const status of ["completed", "in_progress"] as const) {
    const early = packetOf("planning", { status, started_at: "2099-01-01T00:00:00Z" });
    expect(await send(id, early)).toMatchObject({ status: 400, pointers: ["/started_at"] });
  }
  expect(await listed(id)).toEqual(before);
});

test("6. the source is the newest completed packet of an earlier phase", async () => {
  const id = await feature(api);
  expect((await leave(api, id, "planning")).packet).toMatchObject({
    input_source_phase: null,
    input_source_packet_id: null,
  });
  const design = await leave(api, id, "design_review");
  const plan = await leave(api, id, "planning", { output_summary: "again" });
  await leave(api, id, "design_review", { status: "rejected" });
  await leave(api, id, "in_progress", { status: "in_progress" });
  await leave(api, id, "review");
  const source = (of: typeof plan) => ({ input_source_phase: of.packet.phase, input_source_packet_id: of.packet.id });
  expect((await leave(api, id, "qa_review")).packet).toMatchObject(source(plan));
  const named = await leave(api, id, "qa_review", { input_source_phase: "design_review" });
  expect(named.packet).toMatchObject(source(design));
  const unknown = await leave(api, id, "qa_review", { input_source_phase: "approved" });
  expect(unknown.packet).toMatchObject({ input_source_phase: "approved", input_source_packet_id: null });
});

test("7. the next packet of a phase is the next version with its difference, and many at one moment all get one of their own", async () => {
  const id = await feature(api);
  const file = (path: string) => ({ type: "file" as const, path, action: "modified" as const });
  const one = await leave(api, id, "in_progress", { output_artifacts: [file("stays"), file("goes")] });
  const two = await leave(api, id, "in_progress", { output_artifacts: [file("stays"), file("comes")] });
  expect(two.packet).toMatchObject({
    ...{ version: 2, previous_version_id: one.packet.id },
    diff_from_previous: { summary_changed: false, artifacts_added: ["comes"], artifacts_removed: ["goes"] },
  });
  expect((await leave(api, id, "qa_review")).packet).toMatchObject({ version: 1, previous_version_id: null });
  const many = await Promise.all(Array.from({ length: 12 }, () => leave(api, id, "in_progress")));
  const numbers = many.map(({ packet }) => packet.version).toSorted((a, b) => a - b);
  expect(numbers).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  const stale = await send(id, packetOf("in_progress", { version: 14 }));
  expect(stale).toMatchObject({ status: 409, code: "conflict", detail: expect.stringContaining("15") });
  expect((await leave(api, id, "in_progress", { version: 15 })).packet.version).toBe(15);
});

const SHAPES: [why: string, more: object, pointer: string][] = [
  ["artifacts that are an object", { output_artifacts: {} }, "/output_artifacts"],
  ["decisions that are a text", { output_decisions: "none" }, "/output_decisions"],
  ["a log that is null", { activity_log: null }, "/activity_log"],
  [
    "an artifact of no known type",
    { output_artifacts: [{ type: "x", path: "p", action: "created" }] },
    "/output_artifacts/0/type",
  ],
  ["an artifact without an action", { output_artifacts: [{ type: "file", path: "p" }] }, "/output_artifacts/0/action"],
  [
    "an artifact that says more",
    { output_artifacts: [{ type: "file", path: "p", action: "created", size: 1 }] },
    "/output_artifacts/0/size",
  ],
  ["a decision without a rationale", { output_decisions: [{ decision: "d" }] }, "/output_decisions/0/rationale"],
  ["a log entry without a time", { activity_log: [{ event: "e" }] }, "/activity_log/0/timestamp"],
  ["a log entry that is a text", { activity_log: ["e"] }, "/activity_log/0"],
  ["a context that is a list", { input_context: [] }, "/input_context"],
  ["metrics that are a number", { output_metrics: 1 }, "/output_metrics"],
];

test.each(SHAPES)("8. %s: 400 that says where", async (_why, more, pointer) => {
  const id = await feature(api);
  const answer = await send(id, { ...packetOf("planning"), ...more });
  expect(answer).toMatchObject({ status: 400, code: "invalid_request", pointers: [pointer] });
  expect(await listed(id)).toEqual([]);
});

const MONEY: [given: number | string, kept: string][] = [
  [0.1 + 0.2, "0.300000"],
  ["0.30000", "0.300000"],
  ["999999999999.999999", "999999999999.999999"],
  [0, "0.000000"],
  ["123456789.000001", "123456789.000001"],
];

test.each(MONEY)("9. a cost of %s and large counts of tokens are kept exactly", async (cost_usd, kept) => {
  const id = await feature(api);
  const tokens = { cost_tokens_in: 1_000_000_000_000, cost_tokens_out: 999_999_999_999 };
  const { packet } = await leave(api, id, "planning", { cost_usd, ...tokens });
  expect(packet).toMatchObject({ cost_usd: kept, ...tokens });
  expect(await listed(id)).toMatchObject([{ cost_usd: kept, ...tokens }]);
});

test("10. a summary is cut to 10,000 characters without splitting one, and the answer says so", async () => {
  const id = await feature(api);
  const whole = "x".repeat(10_000);
  const kept = async (output_summary: string) => {
    const { packet, summary_cut } = await leave(api, id, "planning", { output_summary });
    return { output_summary: packet.output_summary, summary_cut };
  };
  expect(await kept(whole)).toEqual({ output_summary: whole, summary_cut: false });
  expect(await kept(`${whole}y`)).toEqual({ output_summary: whole, summary_cut: true });
  const emoji = `${"x".repeat(9_999)}😀`;
  expect(await kept(emoji)).toEqual({ output_summary: "x".repeat(9_999), summary_cut: true });
});

test("11. packets are listed by phase ascending and version descending, in pages that neither repeat nor lose one", async () => {
  const id = await feature(api);
  for (const phase of ["done", "planning", "approved", "planning", "in_progress", "planning"] as const)
    await leave(api, id, phase);
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: 2, ...(cursor && { cursor }) };
    const page = await api.producer.ok("listFeaturePackets", { params: { id }, query });
    seen.push(...page.items.map(({ phase_order, version }) => `${phase_order}.${version}`));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(seen).toEqual(["1.3", "1.2", "1.1", "3.1", "6.1", "8.1"]);
  const lost = await api.producer.call("listFeaturePackets", { params: { id }, query: { cursor: NOBODY } });
  expect(lost).toMatchObject({ status: 400, problem: { errors: [{ pointer: "/query/cursor" }] } });
});

test("12. the audit trail tells phases, versions, time, cost and events in one call, and its totals add up", async () => {
  const id = await feature(api);
  const trail = () => api.producer.ok("auditTrail", { params: { id } });
  expect(await trail()).toMatchObject({
    current_phase: "planning",
    percent: 0,
    events: [],
    totals: { cost_usd: "0.000000" },
  });
  const at = (minute: number) => `2026-03-01T10:0${minute}:00.000Z`;
  await leave(api, id, "planning", { started_at: at(0), completed_at: at(1), cost_usd: "0.1", cost_tokens_in: 5 });
  await leave(api, id, "in_progress", { started_at: at(1), completed_at: at(2), cost_usd: "0.2", cost_tokens_out: 7 });
  const qa = {
    status: "rejected" as const,
    rejection_reason: "two tests fail",
    completed_at: at(3),
    cost_usd: "0.000001",
  };
  const log = [{ timestamp: at(2), event: "tests began" }];
  await leave(api, id, "qa_review", { ...qa, started_at: at(2), activity_log: log });
  const fixed = await leave(api, id, "in_progress", { started_at: at(3), completed_at: at(5), cost_usd: "0.3" });
  const seen = await trail();
  expect(seen).toMatchObject({ feature: { id }, current_phase: "qa_review", percent: 37 });
  expect(seen.totals).toEqual({ duration_ms: 300_000, tokens_in: 5, tokens_out: 7, cost_usd: "0.600001" });
  expect(seen.phases.map(({ phase, state }) => `${phase} ${state}`)).toEqual([
    ...["planning done", "design_review waiting", "in_progress done", "qa_review rejected"],
    ...["review waiting", "approved waiting", "pr_submitted waiting", "done waiting"],
  ]);
  const [, , build, tests] = seen.phases;
  expect(build).toMatchObject({
    phase_order: 3,
    phase_label: "Build",
    agent: "IN2",
    duration_ms: 180_000,
    cost_usd: "0.500000",
  });
  expect(build?.packet).toEqual(fixed.packet);
  expect(build?.versions.map(({ version }) => version)).toEqual([2, 1]);
  expect(tests).toMatchObject({ rejections: 1, packet: { rejection_reason: "two tests fail" } });
  expect(seen.events.map(({ at: time, kind, phase }) => `${time.slice(14, 16)} ${kind} ${phase}`)).toEqual([
    ...["00 started planning", "01 completed planning", "01 started in_progress", "02 completed in_progress"],
    ...[
      "02 started qa_review",
      "02 log qa_review",
      "03 rejected qa_review",
      "03 started in_progress",
      "05 completed in_progress",
    ],
  ]);
});

test("a packet sent again under its Idempotency-Key is one packet", async () => {
  const id = await feature(api);
  const body = packetOf("planning");
  const headers = { "idempotency-key": `packet ${id}`.replace(" ", "-") };
  const first = await api.producer.call("addFeaturePacket", { params: { id }, body }, headers);
  const again = await api.producer.call("addFeaturePacket", { params: { id }, body }, headers);
  expect(first.status).toBe(201);
  expect(again.text).toBe(first.text);
  expect(await listed(id)).toHaveLength(1);
});
