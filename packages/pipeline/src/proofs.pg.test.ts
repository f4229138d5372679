/** Proofs behind the API: whose they are, what guards them, and that none is ever doubled or without its bytes. */
import { Readable } from "node:stream";
import { type LeftProof, PROOFS_MAX } from "@baton/domain";
import { expect, test } from "vitest";
import { completeAttempt } from "./complete.ts";
import { leaveProof, leaveProofs } from "./leave-proofs.ts";
import { openProof, projectProofs, taskProofs } from "./proof-history.ts";
import { addProof, type ProofInput } from "./proofs.ts";
import { principal, type TestLine, testLine, testProject } from "./testing/index.ts";
import {
  assigned,
  claimed,
  complete,
  countOf,
  evidence,
  leased,
  letLeasesExpire,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

const MB = 1024 * 1024;

async function arrived({ line }: TestLine, text: string) {
  const received = valueOf(await line.store.receive(Readable.from([Buffer.from(text)]), { limit_bytes: MB }));
  await line.store.keep(received);
  return received;
}

const input = (id: string, more: Partial<ProofInput> = {}): ProofInput => ({
  ...{ id, name: "build.log", media_type: "text/plain" },
  ...more,
});

const asked = (id: string, more = {}) => ({ id, limit: 50, format: "json" as const, budget: 1_000, ...more });

async function listed(open: TestLine, id: string, more = {}) {
  const answer = valueOf(await taskProofs(open.line, open.admin, asked(id, more)));
  if (typeof answer === "string") throw new Error("text");
  return answer.items;
}

/** A claim as a hosted worker has it: of a project with a repository, by its ticket. */
async function hosted(open: TestLine) {
  const project_id = await testProject(open, { repository_url: "/repository", settings: { separation: "off" } });
  const { id } = await submitted(open, undefined, { project_id });
  await sql(open, "update projects set hosted = '{dev,qa,sec,docs}' where id = $1", project_id);
  return { id, ...(await assigned(open, id)) };
}

async function context(open: TestLine, id: string) {
  return valueOf(await taskProofs(open.line, open.admin, asked(id, { format: "context" })));
}

const left = (more: Partial<LeftProof> = {}): LeftProof => ({
  ...{ kind: "code_diff", name: "changes.diff", summary: "1 file changed", media_type: "text/x-diff" },
  ...{ content: Buffer.from("diff\n"), ...more },
});

test("a person's proof says who it is from, and guesses its kind and summary from the name", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  const { proof, fresh } = valueOf(
    await addProof(open.line, open.admin, input(id, { stage: "qa" }), await arrived(open, "x")),
  );
  expect({ ...proof, fresh }).toMatchObject({
    ...{ task_id: id, run_id: run.id, project_id: run.project_id, stage: "qa", lease_id: null, fresh: true },
    ...{
      kind: "log",
      name: "build.log",
      summary: "build.log",
      source: "person",
      created_by: open.admin.name,
      size_bytes: 1,
    },
  });
  expect(await listed(open, id)).toMatchObject([{ id: proof.id, visit: null, origin: null }]);
});

test("an agent's proof is its lease's: stage, visit and agent come from there", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const agent = await principal(open.db, "agent");
  const { ref } = await leased(open, "dev", agent);
  valueOf(await addProof(open.line, agent, input(id, ref), await arrived(open, "x")));
  expect(await listed(open, id)).toMatchObject([
    { stage: "dev", visit: 1, lease_id: ref.lease_id, source: "agent", created_by: "dev-agent" },
  ]);
});

test("an agent without its lease, or with another's, leaves nothing", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const [mine, other] = [await principal(open.db, "agent"), await principal(open.db, "agent")];
  const { ref } = await leased(open, "dev", mine);
  const file = await arrived(open, "x");
  const codes = [
    await addProof(open.line, mine, input(id), file),
    await addProof(open.line, other, input(id, ref), file),
    await addProof(open.line, mine, input(id, { ...ref, epoch: ref.epoch + 1 }), file),
    await addProof(open.line, mine, input(id, { ...ref, stage: "qa" }), file),
    await addProof(open.line, mine, input(id, { ...ref, origin: "a" }), file),
    await addProof(open.line, mine, input((await submitted(open)).id, ref), file),
    await addProof(open.line, await principal(open.db, "producer"), input(id, ref), file),
  ].map((answer) => !answer.ok && answer.problem.code);
  expect(codes).toEqual([
    ...["invalid_request", "not_found", "lease_lost", "invalid_request", "forbidden", "not_found", "forbidden"],
  ]);
  expect(await countOf(open, "proofs")).toBe(0);
});

test("a lease that is over by the database's clock takes no proof, though nobody has taken the task back yet", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  await letLeasesExpire(open);
  const answer = await addProof(open.line, open.admin, input(id, ref), await arrived(open, "x"));
  expect(answer).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
  expect(await countOf(open, "proofs")).toBe(0);
});

test("a proof that races with the end of its attempt is there before the end or not at all", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  const files = await Promise.all(Array.from({ length: 8 }, (_, n) => arrived(open, `x${n}`)));
  const adding = files.map((file, n) => addProof(open.line, open.admin, input(id, { ...ref, name: `${n}.log` }), file));
  const [done, ...added] = await Promise.all([complete(open, ref), ...adding]);
  expect(done.ok).toBe(true);
  expect(added.every((answer) => answer.ok || answer.problem.code === "lease_lost")).toBe(true);
  expect(await countOf(open, "proofs")).toBe(added.filter((answer) => answer.ok).length);
  const late = await sql(
    open,
    "select 1 from proofs join attempts on attempts.id = lease_id where proofs.created_at > ended_at + interval '1 s'",
  );
  expect(late).toEqual([]);
});

test("an empty file proves nothing", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const answer = await addProof(open.line, open.admin, input(id), await arrived(open, ""));
  expect(answer).toMatchObject({ ok: false, problem: { code: "invalid_request" } });
});

test("a file taken in again from where it lay is the same proof, also when two take it in at once", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const again = (text: string, origin = "a/build.log") =>
    arrived(open, text)
      .then((file) => addProof(open.line, open.admin, input(id, { origin }), file))
      .then(valueOf);
  const two = await Promise.all([again("x"), again("x")]);
  expect(two.filter(({ fresh }) => fresh)).toHaveLength(1);
  expect(two[0].proof).toEqual(two[1].proof);
  const others = [await again("changed"), await again("x", "b/build.log")];
  expect(others.map(({ fresh }) => fresh)).toEqual([true, true]);
  expect(await countOf(open, "proofs")).toBe(3);
});

test("the line's own proof of an attempt is kept once for its kind and name, however often it is told", async () => {
  const open = await testLine();
  const { id, held } = await hosted(open);
  const another = left({ content: Buffer.from("another\n") });
  const told = [left(), another, left({ name: "second.diff" }), left({ kind: "log" })];
  const answers = await Promise.all(told.map((proof) => leaveProof(open.line, held, proof, MB)));
  expect(answers.filter((answer) => valueOf(answer).fresh)).toHaveLength(3);
  expect(await listed(open, id)).toHaveLength(3);
  expect(await leaveProof(open.line, held, left(), 3)).toMatchObject({ ok: false, problem: { code: "too_large" } });
});

test("what the line proved is told to the next agent at once when its attempt was accepted", async () => {
  const open = await testLine();
  const { id, held } = await hosted(open);
  valueOf(await leaveProof(open.line, held, left(), MB));
  expect(await context(open, id)).toBe("");
  valueOf(await completeAttempt(open.line, held, evidence(), "packet"));
  expect(await context(open, id)).toMatch(/^code_diff dev v1: 1 file changed/);
  expect((await assigned(open, id)).context.proofs).toEqual([expect.stringMatching(/^code_diff dev v1: /)]);
});

test("what the line proved of an attempt that was lost is kept, and not told to agents", async () => {
  const open = await testLine();
  const { id, held } = await hosted(open);
  valueOf(await leaveProof(open.line, held, left(), MB));
  await letLeasesExpire(open);
  expect(await leaveProof(open.line, held, left({ name: "late" }), MB)).toMatchObject({
    problem: { code: "lease_lost" },
  });
  expect(await completeAttempt(open.line, held, evidence(), "packet")).toMatchObject({
    problem: { code: "lease_lost" },
  });
  expect(await listed(open, id)).toMatchObject([{ name: "changes.diff", source: "line", created_by: "worker" }]);
  expect(await context(open, id)).toBe("");
});

test("a claim tells what was proved before, in the context and fenced in the prompt", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  expect((await claimed(open, "dev"))?.context.proofs).toEqual([]);
  const other = await submitted(open);
  await addProof(open.line, open.admin, input(other.id, { summary: "all is well" }), await arrived(open, "x"));
  const got = await claimed(open, "dev");
  expect(got?.context.proofs).toEqual([expect.stringMatching(/^log: all is well \(build\.log, 1 B, [0-9a-f]{8}\)$/)]);
  expect(got?.prompt).toMatch(/left as proof, newest first:\n<<<.*\nlog: all is well/);
  expect(id).not.toBe(other.id);
});

test("a task takes a thousand proofs and no more", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const file = await arrived(open, "x");
  valueOf(await addProof(open.line, open.admin, input(id), file));
  await sql(
    open,
    `insert into proofs (id, workspace_id, project_id, task_id, run_id, kind, name, summary, media_type, checksum, size_bytes, created_by, source)
     select gen_random_uuid(), workspace_id, project_id, task_id, run_id, kind, name, summary, media_type, checksum, size_bytes, created_by, source
     from proofs, generate_series(2, $1::int)`,
    PROOFS_MAX,
  );
  expect(await addProof(open.line, open.admin, input(id), file)).toMatchObject({ problem: { code: "too_many" } });
});

test("a history filters by kind and stage, and goes page by page through a task or a whole project", async () => {
  const open = await testLine();
  const { ids, run } = await submitted(open, undefined);
  const [id = ""] = ids;
  for (const [name, stage] of [
    ["a.log", "dev"],
    ["b.diff", "dev"],
    ["c.log", "qa"],
  ] as const) {
    valueOf(await addProof(open.line, open.admin, input(id, { name, stage }), await arrived(open, name)));
  }
  expect((await listed(open, id)).map(({ name }) => name)).toEqual(["c.log", "b.diff", "a.log"]);
  expect((await listed(open, id, { kind: "log" })).map(({ name }) => name)).toEqual(["c.log", "a.log"]);
  expect((await listed(open, id, { stage: "dev", kind: "log" })).map(({ name }) => name)).toEqual(["a.log"]);
  const first = valueOf(await projectProofs(open.line, open.admin, asked(run.project_id, { limit: 2 })));
  if (typeof first === "string" || first.next_cursor === null) throw new Error("no second page");
  const next = asked(run.project_id, { limit: 2, cursor: first.next_cursor });
  expect(valueOf(await projectProofs(open.line, open.admin, next))).toMatchObject({
    items: [{ name: "a.log" }],
    next_cursor: null,
  });
});

test("the context of a project says of which task each proof is, within the budget", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  for (const name of ["a.log", "b.log"]) {
    valueOf(await addProof(open.line, open.admin, input(id, { name }), await arrived(open, name)));
  }
  const text = valueOf(await projectProofs(open.line, open.admin, asked(run.project_id, { format: "context" })));
  expect(text).toMatch(
    new RegExp(`^log of task ${id.slice(-8)}: b\\.log \\(b\\.log, 5 B, .{8}\\)\nlog of .*: a\\.log .*\n$`),
  );
  const short = await taskProofs(open.line, open.admin, asked(id, { format: "context", budget: 10 }));
  expect(valueOf(short)).toMatch(/^log: b\.log .*\n$/);
});

test("proofs of another workspace are not there", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const file = await arrived(open, "x");
  const { proof } = valueOf(await addProof(open.line, open.admin, input(id), file));
  const [row] = await sql<{ id: string }>(
    open,
    "insert into workspaces (id, name) values (gen_random_uuid(), 'other') returning id",
  );
  const stranger = await principal(open.db, "admin", null, row?.id);
  for (const answer of [
    await addProof(open.line, stranger, input(id), file),
    await taskProofs(open.line, stranger, asked(id)),
    await projectProofs(open.line, stranger, asked(proof.project_id)),
    await openProof(open.line, stranger, { id, proof_id: proof.id }),
    await openProof(open.line, open.admin, { id: (await submitted(open)).id, proof_id: proof.id }),
  ]) {
    expect(answer).toMatchObject({ ok: false, problem: { code: "not_found" } });
  }
});

test("what cannot be kept of the line's proofs is told, and the rest is kept", async () => {
  const open = await testLine();
  const { id, held, ...rest } = await hosted(open);
  const told: unknown[] = [];
  const onRefused = (proof: LeftProof, why: unknown) => told.push([proof.name, String(why)]);
  const signal = new AbortController().signal;
  const proofs = [left({ name: "large", content: Buffer.alloc(9) }), left()];
  await leaveProofs(open.line, { held, ...rest }, proofs, { limit_bytes: 5, signal, onRefused });
  expect(told).toEqual([["large", "Error: too_large"]]);
  expect(await listed(open, id)).toMatchObject([{ name: "changes.diff" }]);
});
