/** Schemas as a model gets to read them. */
import { expect, test } from "vitest";
import { z } from "zod";
import { advertise } from "./advertise.ts";

const shared = z.object({ at: z.iso.datetime() }).meta({ id: "AdvertisedShared" });
const options = { target: "draft-2020-12" } as const;

test("nothing is referred to, and nothing is said twice", () => {
  const schema = z.strictObject({ a: shared, b: shared.describe("the second"), n: z.int().default(1) });
  const at = { type: "object", properties: { at: { type: "string", format: "date-time" } }, required: ["at"] };
  expect(advertise(schema, "input")["~standard"].jsonSchema.input(options)).toEqual({
    type: "object",
    properties: { a: at, b: { ...at, description: "the second" }, n: { default: 1, type: "integer" } },
    required: ["a", "b"],
    additionalProperties: false,
  });
});

test("arguments pass as they are: refusing them is the call's, in our words", async () => {
  const { validate } = advertise(z.strictObject({}), "input")["~standard"];
  expect(await validate({ a: 1 })).toEqual({ value: { a: 1 } });
});
