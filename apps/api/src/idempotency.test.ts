/** Keys, hashes and seals of repeated requests. */
import type { Request } from "express";
import { expect, test } from "vitest";
import { hashOf, keyOf, sealOf } from "./idempotency.ts";

const request = (headers: Record<string, string>) => ({ get: (name: string) => headers[name] }) as Request;

test("a key is 1 to 200 visible characters", () => {
  expect(keyOf(request({}))).toEqual({ ok: true, value: null });
  expect(keyOf(request({ "idempotency-key": "a-Key_1" }))).toEqual({ ok: true, value: "a-Key_1" });
  for (const key of ["", "two words", "x".repeat(201), "ä", "a, b"]) {
    expect(keyOf(request({ "idempotency-key": key })).ok, key).toBe(false);
  }
});

test("requests of another route or with another input have another hash", () => {
  const hashes = [hashOf("a", { x: 1 }), hashOf("b", { x: 1 }), hashOf("a", { x: 2 }), hashOf("a", {})];
  expect(new Set(hashes).size).toBe(4);
  expect(hashOf("a", { x: 1 })).toBe(hashOf("a", { x: 1 }));
});

test("a sealed answer is opened by the same token and by no other", () => {
  const mine = sealOf(request({ authorization: "Bearer mine" }));
  const sealed = mine.close('{"token":"new"}');
  expect(sealed).not.toContain("new");
  expect(sealOf(request({ authorization: "bearer  mine" })).open(sealed)).toBe('{"token":"new"}');
  expect(() => sealOf(request({ authorization: "Bearer other" })).open(sealed)).toThrow();
});

test("no two seals of the same answer are alike, and a changed one does not open", () => {
  const seal = sealOf(request({ authorization: "Bearer mine" }));
  expect(seal.close("x")).not.toBe(seal.close("x"));
  const bytes = Buffer.from(seal.close("x"), "base64");
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  expect(() => seal.open(bytes.toString("base64"))).toThrow();
});
