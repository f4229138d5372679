/** The options of the fault runs as given on their command line. Every problem is reported at once. */
import { parseArgs } from "node:util";
import { z } from "zod";

const FORMS = ["short", "long"] as const;
export type Form = (typeof FORMS)[number];

const schema = z.strictObject({
  /** Only scenarios with these names; none: all. */
  names: z.array(z.string()),
  form: z.enum(FORMS),
  seed: z.coerce.number().int().min(1).max(2_147_483_647),
  json: z.boolean(),
});
export type Options = z.infer<typeof schema>;

export type ReadOptions = { ok: true; options: Options } | { ok: false; problem: string };

/** `any_seed` is taken where none is given; it is told, so that a run can be repeated. */
export function readOptions(args: string[], any_seed: number): ReadOptions {
  try {
    const { values, positionals } = parseArgs({ args, options: ACCEPTED, allowPositionals: true });
    const { long, seed = any_seed, json = false } = values;
    const parsed = schema.safeParse({ names: positionals, form: long === true ? "long" : "short", seed, json });
    return parsed.success ? { ok: true, options: parsed.data } : { ok: false, problem: z.prettifyError(parsed.error) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

const ACCEPTED = { long: { type: "boolean" }, seed: { type: "string" }, json: { type: "boolean" } } as const;
