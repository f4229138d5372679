/** The fields that many calls share: ids, times, names, pages. Says how each looks on the wire; what they mean stands where they are used. */
import { z } from "zod";
import { PLACES, STAGES } from "../stages.ts";
import { text } from "../text.ts";

/** However it is spelled, it is one id: locks and leases are named after its text. */
export const Id = z.uuid().toLowerCase();
export const Time = z.iso.datetime();

/** One line for lists and logs. */
export const Name = text(200).refine((value) => !/\p{Cc}/u.test(value), "must be one line without control characters");
export const Title = text(500);
export const Description = text(50_000, 0);
export const Note = text(10_000);

export const StageName = z.enum(STAGES);
export const PlaceName = z.enum(PLACES);
export const Priority = z.int().min(0).max(10);

/** The `:id` of a path. */
export const IdParams = z.strictObject({ id: Id });

/** The body of a call that needs none: absent or `{}`. */
export const Nothing = z.strictObject({});

export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 200;

const Digits = z
  .string()
  .regex(/^\d{1,4}$/)
  .transform(Number);

/** Arrives as text in a query; a typed client may give a number. */
const Limit = z
  .union([z.int(), Digits], "must be a whole number")
  .pipe(z.int().min(1).max(PAGE_MAX))
  .default(PAGE_DEFAULT)
  .meta({ override: ({ jsonSchema }: { jsonSchema: object }) => asWholeNumber(jsonSchema) });

function asWholeNumber(jsonSchema: { anyOf?: unknown }): void {
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { type: "integer", minimum: 1, maximum: PAGE_MAX });
}

/** The `next_cursor` of the page before: the id of its last item. */
export const Page = { limit: Limit, cursor: Id.optional() };

export function listOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next_cursor: z.string().nullable() });
}
