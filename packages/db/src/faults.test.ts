/** Which errors mean that the server is away, that two got in each other's way, or that something is there already. */
import { expect, test } from "vitest";
import { isAway, isCollision, isDuplicate, isOutdated, isRowBusy, sqlState, tellable } from "./faults.ts";

const coded = (code: string) => Object.assign(new Error("it failed"), { code });

test.each([
  ["08006", "the connection broke"],
  ["53300", "it has no connection left"],
  ["57P01", "an admin stops it"],
  ["57P03", "it is starting up"],
  ["57014", "the statement took too long"],
  ["58030", "its disk fails"],
  ["25P03", "the transaction was idle for too long"],
  ["55P03", "a lock took too long"],
  ["ECONNREFUSED", "nobody listens"],
  ["ECONNRESET", "the other side hung up"],
  ["EPIPE", "the other side is gone"],
])("%s means away: %s", (code) => {
  expect(isAway(coded(code))).toBe(true);
});

test.each(["23505", "23514", "22P02", "42P01", "40P01", "XX000", "ERR_ASSERTION"])("%s does not mean away", (code) => {
  expect(isAway(coded(code))).toBe(false);
});

test.each([
  "Query read timeout",
  "timeout exceeded when trying to connect",
  "Connection terminated unexpectedly",
  "Client has encountered a connection error and is not queryable",
  "Cannot use a pool after calling end on the pool",
])("the driver says away in words: %s", (message) => {
  expect(isAway(new Error(message))).toBe(true);
  expect(isAway(new Error("the query failed", { cause: new Error(message) }))).toBe(true);
});

test("a bug is not away", () => {
  expect(isAway(new TypeError("undefined is not a function"))).toBe(false);
  expect(isAway("timeout")).toBe(false);
  expect(isAway(null)).toBe(false);
});

test("the code is found through whatever is wrapped around it", () => {
  const error = new Error("outer", { cause: new Error("inner", { cause: coded("23505") }) });
  expect(sqlState(error)).toBe("23505");
  expect(isDuplicate(error)).toBe(true);
});

test("deadlocks and serialization failures are collisions, and a busy row is not one", () => {
  expect([coded("40P01"), coded("40001"), coded("55P03")].map(isCollision)).toEqual([true, true, false]);
  expect([coded("40P01"), coded("55P03"), coded("57014")].map(isRowBusy)).toEqual([false, true, false]);
});

test("a statement prepared before the table changed is outdated, in whatever language, and what is not supported is not", () => {
  const unsupported = (routine: string) => Object.assign(coded("0A000"), { routine });
  const told = new Error("outer", { cause: unsupported("RevalidateCachedQuery") });
  const others = [unsupported("transformDeclareCursorStmt"), coded("0A000"), coded("40001"), null];
  expect([told, ...others].map(isOutdated)).toEqual([true, false, false, false, false]);
});

test("the log of a database error has its code and its place, and nothing that was sent", () => {
  const cause = Object.assign(new Error('invalid input syntax: "hunter2"'), { code: "22P02", detail: "hunter2" });
  const told = tellable(new Error("Failed query: insert into x\nparams: hunter2", { cause }));
  expect(told).toMatchObject({ state: "22P02" });
  expect(told.stack).toContain("faults.test.ts");
  expect(JSON.stringify(told)).not.toContain("hunter2");
});
