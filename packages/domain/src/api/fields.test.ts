/** The fields that many calls share. */
import { expect, test } from "vitest";
import { Id, IdParams } from "./fields.ts";

test("an id is the same id however it is spelled", () => {
  const id = "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1b";
  expect(Id.parse(id.toUpperCase())).toBe(id);
  expect(IdParams.parse({ id: id.toUpperCase() })).toEqual({ id });
  expect(Id.safeParse(`${id}0`).success).toBe(false);
});
