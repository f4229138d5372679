/** An agent's claim: its best task, the same lease for a lost answer, and nothing it has no right to. */
import { claimBest, newId } from "@baton/db";
import { expect, test } from "vitest";
import { authenticate, claim, createToken, openWaitingRoom, pauseRun, revokeToken } from "./index.ts";
import { principal, type TestLine, testLine } from "./testing/index.ts";
import {
  asking,
  claimed,
  complete,
  countOf,
  HINDERED,
  impatient,
  leased,
  letLeasesExpire,
  newTask,
  newTasks,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

const claimAs = ({ line, admin }: TestLine, claim_id: string, who = admin) =>
  claim(line, who, asking("dev", claim_id), impatient());

test("a lost answer is asked for again: the same claim_id gives the same lease while it lives", async () => {
  const open = await testLine();
  await submitted(open, newTasks(2));
  const first = valueOf(await claimAs(open, "mine"));
  const again = valueOf(await claimAs(open, "mine"));
  if (first.kind !== "leased" || again.kind !== "leased") throw new Error("nothing was claimed");
  expect([first.fresh, again.fresh]).toEqual([true, false]);
  expect(again.value.lease).toEqual(first.value.lease);
  expect(await countOf(open, "attempts")).toBe(1);
});

test("the same claim_id at the same moment gives one lease, and all are told of it", async () => {
  const open = await testLine();
  await submitted(open, newTasks(20));
  for (let round = 1; round <= 5; round += 1) {
    const answers = await Promise.all([1, 2, 3, 4].map(() => claimAs(open, `mine ${round}`)));
    const ids = answers.map((answer) => answer.ok && answer.value.kind === "leased" && answer.value.value.lease.id);
    expect(new Set(ids).size).toBe(1);
    expect(await countOf(open, "tasks where state = 'running'")).toBe(round);
  }
});

test("the same claim_id while its first claim is being made waits for it, also when nothing else is ready", async () => {
  const open = await testLine();
  await submitted(open);
  const { token_id, workspace_id } = open.admin;
  const lease_id = newId();
  const again = await open.db.transaction(async (tx) => {
    const first = { lease_id, claim_id: "mine", token_id, workspace_id, stages: ["dev" as const] };
    expect(await claimBest(tx, { ...first, lease_ms: 60_000, agent_id: "dev-agent" })).not.toBeNull();
    const waiting = claimAs(open, "mine");
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    return { waiting };
  });
  expect(valueOf(await again.waiting)).toMatchObject({
    kind: "leased",
    fresh: false,
    value: { lease: { id: lease_id } },
  });
});

test("a claim_id whose lease has ended, or is over, is used up", async () => {
  const open = await testLine();
  // One more than is claimed: the server tells of a used-up claim_id before it has let go of the task it was about to give.
  await submitted(open, newTasks(3));
  const ended = valueOf(await claimAs(open, "ended"));
  if (ended.kind !== "leased") throw new Error("nothing was claimed");
  valueOf(await complete(open, { lease_id: ended.value.lease.id, epoch: ended.value.lease.epoch }));
  expect(await claimAs(open, "ended")).toMatchObject({ ok: false, problem: { code: "claim_id_used" } });
  expect(valueOf(await claimAs(open, "over"))).toMatchObject({ kind: "leased", fresh: true });
  await letLeasesExpire(open);
  expect(await claimAs(open, "over")).toMatchObject({ ok: false, problem: { code: "claim_id_used" } });
});

test("a claim_id does not open another token's lease", async () => {
  const open = await testLine();
  await submitted(open, newTasks(2));
  valueOf(await claimAs(open, "mine"));
  const stranger = await principal(open.db, "agent");
  expect(await claimAs(open, "mine", stranger)).toMatchObject({ ok: false, problem: { code: "claim_id_used" } });
});

test("a token that is limited to stages claims in those and in no other", async () => {
  const open = await testLine();
  await submitted(open);
  const agent = await principal(open.db, "agent", ["qa"]);
  expect(await claimAs(open, newId(), agent)).toMatchObject({ ok: false, problem: { code: "forbidden" } });
  expect(await claimed(open, "qa", agent)).toBe(null);
  expect(await countOf(open, "attempts")).toBe(0);
});

test("what an agent gets is enough to work with", async () => {
  const open = await testLine();
  await submitted(open, [newTask({ title: "Mend it", description: "It breaks.", acceptance_criteria: ["It holds."] })]);
  const { lease, task, packet, context, prompt } = await leased(open, "dev");
  expect(lease).toMatchObject({
    task_id: task.id,
    stage: "dev",
    visit: 1,
    attempt: 1,
    epoch: 1,
    heartbeat_every_s: 15,
  });
  expect(packet).toBe(null);
  expect(context).toMatchObject({
    project: { name: "test" },
    run: { name: "run" },
    acceptance_criteria: ["It holds."],
    findings: [],
  });
  for (const text of ["Mend it", "It breaks.", "It holds."]) expect(prompt).toContain(text);
});

test("after a rejection the next agent gets the packet with the findings to mend", async () => {
  const open = await testLine();
  await submitted(open);
  await complete(open, (await leased(open, "dev")).ref);
  await complete(open, (await leased(open, "qa")).ref, { findings: [{ title: "it breaks", kind: "bug" }] });
  const { packet, context, prompt } = await leased(open, "dev");
  expect(packet).toMatchObject({ phase: "qa", status: "rejected", findings: [{ title: "it breaks", status: "open" }] });
  expect(context.findings).toHaveLength(1);
  expect(prompt).toContain("it breaks");
});

test("when there is nothing the agent is told why", async () => {
  const open = await testLine();
  const nothing = async () => valueOf(await claim(open.line, open.admin, asking("dev"), impatient()));
  expect(await nothing()).toMatchObject({ kind: "none", reason: "empty" });
  const { run } = await submitted(open);
  valueOf(await pauseRun(open.line, open.admin, run));
  expect(await nothing()).toMatchObject({ kind: "none", reason: "paused" });
});

test("a claimed task's ticket is taken out of the queue", async () => {
  const open = await testLine();
  await submitted(open);
  await open.line.settle();
  await leased(open, "dev");
  await expect.poll(async () => (await open.producer.depth()).dev.waiting).toBe(0);
});

test("an agent that waits gets the task as soon as its ticket is heard of", async () => {
  const open = await testLine();
  const room = openWaitingRoom();
  const { signal } = new AbortController();
  const waiting = claim(open.line, open.admin, { ...asking("dev"), wait_s: 30 }, { room, signal });
  const { id } = await submitted(open);
  room.ticketAdded("dev");
  const answer = valueOf(await waiting);
  expect(answer.kind === "leased" && answer.value.task.id).toBe(id);
});

test("of tasks whose tickets are told of once each agent that waits gets one", async () => {
  const open = await testLine();
  const room = openWaitingRoom();
  let waiting = 0;
  const counted = { ...room, wait: (who: Parameters<typeof room.wait>[0]) => ((waiting += 1), room.wait(who)) };
  const { signal } = new AbortController();
  const patient = () => claim(open.line, open.admin, { ...asking("dev"), wait_s: 30 }, { room: counted, signal });
  const agents = [patient(), patient(), patient()];
  await expect.poll(() => waiting).toBe(3);
  await submitted(open, newTasks(3));
  room.ticketAdded("dev");
  // Long before their waits are over, when each of them would look once more.
  await expect.poll(() => countOf(open, "tasks where state = 'running'")).toBe(3);
  expect((await Promise.all(agents)).map((answer) => valueOf(answer).kind)).toEqual(["leased", "leased", "leased"]);
});

test("who has hung up is given no lease, whether before or while waiting", async () => {
  const open = await testLine();
  const room = openWaitingRoom();
  const caller = new AbortController();
  const waiting = claim(open.line, open.admin, { ...asking("dev"), wait_s: 30 }, { room, signal: caller.signal });
  caller.abort();
  expect(valueOf(await waiting)).toMatchObject({ kind: "none" });
  await submitted(open);
  const late = await claim(open.line, open.admin, asking("dev"), { room, signal: caller.signal });
  expect(valueOf(late)).toMatchObject({ kind: "none" });
  expect(await countOf(open, "attempts")).toBe(0);
});

test("a token that is revoked while its agent waits is given nothing", async () => {
  const open = await testLine();
  const { token, id } = valueOf(await createToken(open.line, open.admin, { name: "a", role: "agent" }));
  const who = await authenticate(open.line, token);
  if (who === null) throw new Error("the token opens nothing");
  valueOf(await revokeToken(open.line, open.admin, { id }));
  await submitted(open);
  expect(valueOf(await claimAs(open, "mine", who))).toMatchObject({ kind: "none" });
  expect(await countOf(open, "attempts")).toBe(0);
});
