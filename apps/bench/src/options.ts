/** The options of the bench as given on its command line. Every problem is reported at once. */
import { parseArgs } from "node:util";
import { z } from "zod";

const positive = z.coerce.number().int().min(1);

const schema = z.strictObject({
  /** Tasks a round and contender. */
  tasks: positive.max(100_000).default(2_000),
  rounds: positive.max(1_000).default(3),
  /** Worker processes of a contender; the four stages are dealt out to them. */
  workers: positive.max(4).default(4),
  /** Tasks at the same time in each stage. */
  concurrency: positive.max(1_000).default(50),
  /** Only contenders whose name holds this. */
  only: z.string().default(""),
  /** Measures so many waiting agents instead. */
  waiting: positive.max(20_000).optional(),
  idle_s: positive.max(600).default(30),
  /** Measures beside stored tasks instead, up to so many. */
  scale: z.boolean().default(false),
  stored: positive.multipleOf(1_000).max(10_000_000).default(1_000_000),
  json: z.boolean().default(false),
});

export type Options = z.infer<typeof schema>;

export type ReadOptions = { ok: true; options: Options } | { ok: false; problem: string };

export function readOptions(args: string[]): ReadOptions {
  try {
    const { values } = parseArgs({ args, options: ACCEPTED });
    const parsed = schema.safeParse(values);
    if (parsed.success) return { ok: true, options: parsed.data };
    return { ok: false, problem: z.prettifyError(parsed.error) };
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

const ACCEPTED = {
  tasks: { type: "string" },
  rounds: { type: "string" },
  workers: { type: "string" },
  concurrency: { type: "string" },
  only: { type: "string" },
  waiting: { type: "string" },
  idle_s: { type: "string" },
  scale: { type: "boolean" },
  stored: { type: "string" },
  json: { type: "boolean" },
} as const;
