/** Idempotency: the same key and body give the first answer, and nothing is done twice. */
import { newId } from "@baton/db";
import { ok, type Result, refused } from "@baton/domain";
import { expect, test } from "vitest";
import { createRun, type Line, type OnceAnswer, once } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { countOf, newTask } from "./testing/verbs.ts";

const request = () => ({ token_id: newId(), route: "POST /api/runs", key: "key", request_hash: "hash" });

/** Makes a run; its answer holds the run's id. */
async function making(open: TestLine) {
  const project_id = await testProject(open);
  return async (line: Line): Promise<Result<OnceAnswer>> => {
    const made = await createRun(line, open.admin, { project_id, name: "run", tasks: [newTask()], options: {} });
    return made.ok ? ok({ status: 201, body: made.value.run.id }) : made;
  };
}

test("the same key and body give the first answer again, and the work is done once", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  const first = await once(open.line, mine, verb);
  expect(first).toMatchObject({ ok: true, value: { status: 201, replayed: false } });
  const again = await once(open.line, mine, verb);
  expect(again).toEqual({ ok: true, value: { ...(first.ok && first.value), replayed: true } });
  expect(await countOf(open, "runs")).toBe(1);
});

test("another body under the same key is refused", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  await once(open.line, mine, verb);
  const other = await once(open.line, { ...mine, request_hash: "another" }, verb);
  expect(other).toMatchObject({ ok: false, problem: { code: "idempotency_key_reused" } });
  expect(await countOf(open, "runs")).toBe(1);
});

test("while the first is still running the same key is told to wait", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  const first = await once(open.line, mine, async (line) => {
    const twin = await once(open.line, mine, verb);
    expect(twin).toMatchObject({ ok: false, problem: { code: "idempotency_in_progress", retry_after_s: 1 } });
    return verb(line);
  });
  expect(first).toMatchObject({ ok: true });
  expect(await countOf(open, "runs")).toBe(1);
});

test("three at once have one effect, and who is not told to wait gets the same answer", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  const ends = await Promise.all([1, 2, 3].map(() => once(open.line, mine, verb)));
  expect(await countOf(open, "runs")).toBe(1);
  const bodies = ends.flatMap((end) => (end.ok ? end.value.body : []));
  expect(new Set(bodies).size).toBe(1);
  const codes = ends.flatMap((end) => (end.ok ? [] : end.problem.code));
  expect(codes.every((code) => code === "idempotency_in_progress")).toBe(true);
});

test("a refusal is not kept: nothing was done, and the call may be repeated", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  const refusing = await once(open.line, mine, async (line) => {
    await verb(line);
    return refused("conflict", "not now");
  });
  expect(refusing).toMatchObject({ ok: false, problem: { code: "conflict" } });
  expect(await countOf(open, "runs")).toBe(0);
  expect(await once(open.line, mine, verb)).toMatchObject({ ok: true, value: { replayed: false } });
});

test("a call that breaks has done nothing, told nobody, and may be repeated", async () => {
  const open = await testLine();
  const verb = await making(open);
  const mine = request();
  const breaking = once(open.line, mine, async (line) => {
    await verb(line);
    throw new Error("broken");
  });
  await expect(breaking).rejects.toThrow("broken");
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(0);
  expect(await once(open.line, mine, verb)).toMatchObject({ ok: true, value: { replayed: false } });
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(1);
});

test("the same key of another token is another key", async () => {
  const open = await testLine();
  const verb = await making(open);
  await once(open.line, request(), verb);
  await once(open.line, request(), verb);
  expect(await countOf(open, "runs")).toBe(2);
});
