/** What the system says about itself. */
import { z } from "zod";
import { STAGES, type Stage } from "../stages.ts";

const StageStatus = z.object({
  /** Tasks of the workspace that a claim would get now, or once their project has room. */
  ready: z.int(),
  running: z.int(),
  /** Tickets in the queue back end, of all workspaces; null while it does not answer. */
  waiting_tickets: z.int().nullable(),
  oldest_ready_s: z.number().nullable(),
});
export type StageStatus = z.infer<typeof StageStatus>;

/** Without a token only the version is told. */
export const StatusView = z
  .object({
    version: z.string(),
    database: z.object({ ok: z.boolean() }).optional(),
    queue: z.object({ backend: z.enum(["postgres", "redis"]), ok: z.boolean() }).optional(),
    stages: z.object(perStage()).optional(),
  })
  .meta({ id: "Status" });
export type StatusView = z.infer<typeof StatusView>;

function perStage() {
  return Object.fromEntries(STAGES.map((stage) => [stage, StageStatus])) as Record<Stage, typeof StageStatus>;
}
