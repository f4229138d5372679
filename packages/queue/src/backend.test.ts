/** What is said about a back end. */
import { expect, test } from "vitest";
import { placeOf, saidBy } from "./backend.ts";

test("the place of a back end is told without its password", () => {
  expect(placeOf("redis://baton:secret@queue.example:6380/3")).toBe("queue.example:6380/3");
  expect(placeOf("postgres://baton:secret@127.0.0.1:5432/baton?sslmode=require")).toBe("127.0.0.1:5432/baton");
  expect(placeOf("postgres://baton:secret@/baton?host=/var/run")).not.toContain("secret");
  expect(placeOf("not a url with a secret")).toBe("the address given");
});

test("an error is told by its words, or else by its code", () => {
  expect(saidBy(new Error("gone"))).toBe("gone");
  expect(saidBy(Object.assign(new Error(""), { code: "EPIPE" }))).toBe("EPIPE");
  expect(saidBy("text")).toBe("text");
});
