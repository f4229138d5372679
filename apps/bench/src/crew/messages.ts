/** What the bench and its worker processes say to each other. */
import { STAGES } from "@baton/domain";
import { z } from "zod";
import { Place } from "../contenders/contender.ts";

/** The order a worker process is started with. */
export const Order = z.object({
  contender: z.string(),
  place: Place,
  stages: z.array(z.enum(STAGES)),
  concurrency: z.number(),
});
export type Order = z.infer<typeof Order>;

/** `note`: from now on it is noted when the work of each stage begins and ends, until `noted?`. */
export const FromBench = z.enum(["used?", "note", "noted?", "stop"]);
export type FromBench = z.infer<typeof FromBench>;

/** The work of one stage, by the clock that all processes share. */
export const Note = z.object({ task_id: z.string(), stage: z.enum(STAGES), begun: z.number(), done: z.number() });
export type Note = z.infer<typeof Note>;

/** CPU time so far, and memory now. */
const Used = z.object({ cpu_ms: z.number(), rss_bytes: z.number() });
export type Used = z.infer<typeof Used>;

export const FromMember = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  /** Tasks that are through, with the time at which each was. */
  z.object({ type: z.literal("finished"), tasks: z.array(z.tuple([z.string(), z.number()])) }),
  z.object({ type: z.literal("used"), used: Used }),
  z.object({ type: z.literal("noted"), notes: z.array(Note) }),
  z.object({ type: z.literal("trouble"), message: z.string() }),
]);
export type FromMember = z.infer<typeof FromMember>;
