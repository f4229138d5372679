/** Verdicts are computed from evidence, and what an attempt left is stored whatever it looks like. */
import { type Check, FindingInput, normaliseFinding } from "@baton/domain";
import { expect, test } from "vitest";
import { completeAttempt, completeLease, heartbeatLease } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import {
  assigned,
  complete,
  evidence,
  handOver,
  leased,
  packet,
  rowOf,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

/** A task in a hosted worker's hands. */
async function working() {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { id } = await submitted(open, undefined, { project_id });
  return { open, id, held: (await assigned(open, id)).held };
}

const check = (more: Partial<Check> = {}): Check => ({
  name: "tests",
  command: "npm test",
  exit_code: 1,
  duration_ms: 5,
  output: "3 failed",
  ...more,
});
const finding = (input: object) => normaliseFinding(FindingInput.parse({ title: "it", ...input }), "vulnerability");

test("a failing check rejects whatever the agent says, and dev learns what to mend", async () => {
  const { open, id, held } = await working();
  const done = valueOf(await completeAttempt(open.line, held, { ...evidence(), checks: [check()] }, "packet"));
  expect(done).toMatchObject({
    verdict: "reject",
    reasons: [expect.stringContaining("exit code 1"), expect.any(String)],
  });
  expect(done.findings).toMatchObject([{ title: "tests fails: npm test", description: "3 failed", severity: "high" }]);
  expect(await rowOf(open, id)).toMatchObject({ stage: "dev", visit: 2, rejections: 1 });
  const [stored] = await sql(open, "select output_metrics, status from handoff_packets");
  const checks = [{ name: "tests", command: "npm test", exit_code: 1, duration_ms: 5 }];
  expect(stored).toEqual({ output_metrics: { checks }, status: "rejected" });
});

test("a failing check that a finding explains is not told twice", async () => {
  const { open, held } = await working();
  const findings = [finding({ severity: "high" })];
  const done = valueOf(
    await completeAttempt(open.line, held, { ...evidence({ findings }), checks: [check()] }, "packet"),
  );
  expect(done.findings).toHaveLength(1);
});

test("an open high finding rejects, a medium one is recorded and passes", async () => {
  const { open } = await working();
  await submitted(open);
  const rejected = valueOf(
    await complete(open, (await leased(open, "dev")).ref, { findings: [{ title: "hole", severity: "high" }] }),
  );
  expect(rejected).toMatchObject({ verdict: "reject", reasons: ["open high finding: hole"], task: { visit: 2 } });
  const passed = valueOf(await complete(open, (await leased(open, "dev")).ref, { findings: [{ title: "smell" }] }));
  expect(passed).toMatchObject({
    verdict: "pass",
    reasons: [],
    packet: { findings: [{ severity: "medium" }] },
    task: { stage: "qa" },
  });
});

test("a fixed report of a fault does not hide an open one", async () => {
  const open = await testLine();
  await submitted(open);
  const findings = [
    { title: "test 1 fails", kind: "bug" as const, status: "fixed" as const },
    { title: "test 2 fails", kind: "bug" as const, status: "open" as const },
  ];
  expect(await handOver(open, "dev", { findings })).toMatchObject({ verdict: "reject" });
});

test("an agent's word makes clean work bad, and never bad work clean", async () => {
  const open = await testLine();
  await submitted(open);
  expect(await handOver(open, "dev", { result: "reject" })).toMatchObject({
    verdict: "reject",
    reasons: ["the agent rejected it"],
  });
  const findings = [{ title: "hole", severity: "critical" as const }];
  expect(await handOver(open, "dev", { result: "pass", findings })).toMatchObject({ verdict: "reject" });
});

/** Cut anywhere, it is cut through the middle of a character. */
const EMOJI = "😀".repeat(30_000);

test("texts that have to be cut are cut between characters", async () => {
  const { open, id, held } = await working();
  const findings = [
    finding({ title: EMOJI.slice(0, 998), description: EMOJI.slice(0, 20_000), file: "f", severity: "low" }),
  ];
  const checks = [check({ command: EMOJI.slice(0, 3_000), output: `${EMOJI}x` })];
  const work = { ...evidence({ findings }), checks, packet: packet(`x${EMOJI}`) };
  const done = valueOf(await completeAttempt(open.line, held, work, "packet"));
  expect(done.findings.map((one) => [one.title.length, one.description.length])).toEqual([
    [998, 20_000],
    [999, 5_000],
  ]);
  expect(await rowOf(open, id)).toMatchObject({ visit: 2 });
});

test("reasons that are too long to be shown are cut between characters", async () => {
  const open = await testLine();
  await submitted(open);
  const long = (i: number) => ({ title: `${String.fromCharCode(97 + i)}${EMOJI.slice(0, 998)}`, kind: "bug" as const });
  const findings = Array.from({ length: 12 }, (_, i) => long(i));
  const { packet: stored } = await handOver(open, "dev", { findings });
  expect(stored.rejection_reason?.isWellFormed()).toBe(true);
  expect(stored.rejection_reason?.length).toBeLessThanOrEqual(10_000);
});

async function packetsOf(open: TestLine) {
  return sql(
    open,
    "select phase, version, previous_version_id is not null as follows from handoff_packets order by created_at, id",
  );
}

test("what an agent told of its cost in heartbeats stands in its packet, and what it tells at the end counts for more", async () => {
  const open = await testLine();
  await submitted(open);
  const { ref } = await leased(open, "dev");
  const usage = { cost_usd: "1.500000", tokens_in: 100, model: "small" };
  valueOf(await heartbeatLease(open.line, open.admin, { ...ref, usage }));
  const done = { ...ref, result: "pass" as const, packet: packet(), findings: [] };
  const { packet: left } = valueOf(await completeLease(open.line, open.admin, { ...done, usage: { tokens_in: 120 } }));
  expect(left).toMatchObject({ cost_usd: "1.500000", cost_tokens_in: 120, cost_tokens_out: null });
  expect(await sql(open, "select cost_usd, tokens_in, model from attempts")).toEqual([
    { cost_usd: "1.500000", tokens_in: 120, model: "small" },
  ]);
});

test("each stage's packets are versions of their own", async () => {
  const open = await testLine();
  await submitted(open);
  for (const round of [1, 2]) {
    await handOver(open, "dev");
    await handOver(open, "qa", round === 1 ? "reject" : "pass");
  }
  expect(await packetsOf(open)).toEqual([
    { phase: "dev", version: 1, follows: false },
    { phase: "qa", version: 1, follows: false },
    { phase: "dev", version: 2, follows: true },
    { phase: "qa", version: 2, follows: true },
  ]);
});

test("of two completions under one lease one counts and the other is told so", async () => {
  const open = await testLine();
  await submitted(open);
  const { ref } = await leased(open, "dev");
  const ends = await Promise.all([complete(open, ref), complete(open, ref, { result: "reject" })]);
  expect(ends.filter((end) => end.ok)).toHaveLength(1);
  expect(ends.find((end) => !end.ok)).toMatchObject({ problem: { code: "lease_lost" } });
  expect(await packetsOf(open)).toHaveLength(1);
});
