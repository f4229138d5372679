/** Ids cut to a beginning, against a list as the server gives it. */
import type { Client } from "@baton/client";
import { expect, test } from "vitest";
import { taskId } from "./ids.ts";

/** A stand-in for the server: what is before the cursor, the newest first. */
function listing(...ids: string[]): Client {
  const call = (_: string, { query }: { query: { limit: number; cursor: string } }) => {
    const items = ids.filter((id) => id < query.cursor).sort((a, b) => (a < b ? 1 : -1));
    return Promise.resolve({
      ok: true,
      value: { items: items.slice(0, query.limit).map((id) => ({ id, title: "t" })) },
    });
  };
  return { call } as unknown as Client;
}

const ONE = "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1f";
const LAST = "0199b1a2-7c3d-7e4f-bfff-ffffffffffff";

test("an id is found by any beginning of six characters or more, also by all of it without its dashes", async () => {
  const digits = ONE.replaceAll("-", "");
  for (let length = 6; length <= 32; length += 1) {
    expect(await taskId(listing(ONE), digits.slice(0, length)), String(length)).toBe(ONE);
  }
  for (let length = 6; length <= 36; length += 1) {
    expect(await taskId(listing(ONE), ONE.slice(0, length)), String(length)).toBe(ONE);
  }
});

test("what only begins alike is not taken for it", async () => {
  expect(await taskId(listing(ONE, "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a20"), ONE.slice(0, 35))).toBe(ONE);
  await expect(taskId(listing(ONE, LAST), "0199b1a2-7c3d-7e4f-9")).rejects.toThrow(
    "no task has an id that begins with",
  );
});
