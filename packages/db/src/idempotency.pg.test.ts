/** Kept answers: there with the change they belong to, and only then. */
import { expect, test } from "vitest";
import { forgetOldAnswers, keepAnswer, keptAnswer, lockKey } from "./idempotency.ts";
import { newId } from "./ids.ts";
import { sql, testDatabase } from "./testing/line.ts";

const answer = { request_hash: "hash", status: 201, body: "{}" };
const request = (key = "key") => ({ token_id: newId(), route: "POST /api/runs", key });

test("an answer is kept with the transaction that gives it", async () => {
  const { db } = await testDatabase();
  const mine = request();
  await db.transaction((tx) => keepAnswer(tx, mine, answer));
  expect(await keptAnswer(db, mine)).toMatchObject(answer);
});

test("an answer of a transaction that fails is not kept", async () => {
  const { db } = await testDatabase();
  const mine = request();
  const failing = db.transaction(async (tx) => {
    await keepAnswer(tx, mine, answer);
    throw new Error("a change of mind");
  });
  await expect(failing).rejects.toThrow("a change of mind");
  expect(await keptAnswer(db, mine)).toBe(null);
});

test("a key is another one with another token or on another route", async () => {
  const { db } = await testDatabase();
  const mine = request();
  await keepAnswer(db, mine, answer);
  expect(await keptAnswer(db, { ...mine, token_id: newId() })).toBe(null);
  expect(await keptAnswer(db, { ...mine, route: "POST /api/projects" })).toBe(null);
  expect(await keptAnswer(db, { ...mine, key: "another" })).toBe(null);
});

test("a key is locked for others as long as its transaction runs", async () => {
  const { db } = await testDatabase();
  const mine = request();
  await db.transaction(async (tx) => {
    expect(await lockKey(tx, mine)).toBe(true);
    expect(await db.transaction((other) => lockKey(other, mine))).toBe(false);
    expect(await db.transaction((other) => lockKey(other, request()))).toBe(true);
  });
  expect(await db.transaction((other) => lockKey(other, mine))).toBe(true);
});

test("answers are kept for a day", async () => {
  const { db } = await testDatabase();
  const [old, young] = [request("old"), request("young")];
  for (const one of [old, young]) await keepAnswer(db, one, answer);
  const age = "update idempotency_keys set created_at = now() - $1::interval where key = $2";
  await sql(db, age, "25 hours", "old");
  await sql(db, age, "23 hours", "young");
  await forgetOldAnswers(db);
  expect(await keptAnswer(db, old)).toBe(null);
  expect(await keptAnswer(db, young)).not.toBe(null);
});
