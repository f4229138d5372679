/**
 * The format of the history: what each client said and heard, in the order of one host's monotonic clock. An operation is
 * logged twice under one id: `invoke` before it is sent, then `ok`, `fail` or `info`. `info` means "it may have happened":
 * a time-out, a cut connection, a 5xx. An operation whose process died has no second entry, which means the same.
 * Every call that is sent again under the same key or claim_id is an operation of its own. A client that repeats by itself
 * logs `info` for each try whose answer it did not get, or, where it cannot tell (a hosted worker reports until it is
 * answered), `info` in place of a `fail` with `lease_lost` that may be the second answer.
 */
import { STAGES } from "@baton/domain";
import { z } from "zod";

const stage = z.enum(STAGES);
const lease = { task_id: z.string(), run_id: z.string(), lease_id: z.string(), epoch: z.int(), stage, visit: z.int() };

/** SHA-256 (hex) of what the packet says; `packetHash` makes it of a draft and of a stored packet alike. */
const hash = z.string();

/** What is said beside a packet: the titles of its findings, and what the attempt has cost. */
const Besides = z.object({
  findings: z.array(z.string()),
  usage: z.object({ tokens_in: z.int(), tokens_out: z.int(), cost_usd: z.string() }),
});
export type Besides = z.infer<typeof Besides>;

/** What is known before it is sent. */
export const Operation = z.discriminatedUnion("op", [
  z.object({ op: z.literal("create_run"), key: z.string(), tasks: z.int() }),
  z.object({ op: z.literal("claim"), claim_id: z.string(), stages: z.array(stage), agent_id: z.string() }),
  z.object({ op: z.literal("heartbeat"), ...lease }),
  z.object({ op: z.literal("checkpoint"), ...lease, key: z.string() }),
  z.object({ op: z.literal("artifact"), ...lease, key: z.string(), name: z.string(), sha256: hash }),
  z.object({
    ...{ op: z.literal("complete"), ...lease, key: z.string(), result: z.enum(["pass", "reject"]), packet: hash },
    besides: Besides.optional(),
  }),
  z.object({ op: z.literal("fail"), ...lease, key: z.string(), fault: z.string() }),
  z.object({ op: z.literal("release"), ...lease, key: z.string() }),
  z.object({ op: z.literal("pause"), run_id: z.string(), key: z.string() }),
  z.object({ op: z.literal("resume"), run_id: z.string(), key: z.string() }),
  z.object({ op: z.literal("kill"), run_id: z.string(), key: z.string() }),
]);
export type Operation = z.infer<typeof Operation>;

/** What an `ok` brought. `answer`: SHA-256 of the body as it came, so that a retry's answer can be held against the first one. */
export const Answer = z.object({
  answer: hash.optional(),
  /** Of create_run. */
  run_id: z.string().optional(),
  task_ids: z.array(z.string()).optional(),
  /** Of claim; absent when there was nothing to be had. */
  lease: z
    .object({
      ...lease,
      attempt: z.int(),
      expires_at: z.string(),
      packet_id: z.string().nullable(),
      packet: hash.nullable(),
    })
    .optional(),
  /** Of heartbeat and checkpoint. */
  directive: z.string().optional(),
  /** Of heartbeat and checkpoint, by the database's clock. */
  expires_at: z.string().optional(),
  /** Of complete: the verdict, which may be worse than what was asked for. */
  verdict: z.enum(["pass", "reject"]).optional(),
});
export type Answer = z.infer<typeof Answer>;

const common = {
  id: z.string(),
  /** The process that speaks, by its name in the cluster. */
  actor: z.string(),
  /** Milliseconds of the host's monotonic clock, with fractions: the same clock for every process of a machine. */
  at: z.number(),
};

export const Entry = z.discriminatedUnion("type", [
  z.object({ ...common, type: z.literal("invoke"), operation: Operation }),
  z.object({ ...common, type: z.literal("ok"), answer: Answer }),
  /** Refused for certain: nothing was changed. `code` is that of the problem. */
  z.object({ ...common, type: z.literal("fail"), status: z.int(), code: z.string() }),
  z.object({ ...common, type: z.literal("info"), reason: z.string() }),
  /** A fault begins or ends; not an operation. */
  z.object({ ...common, type: z.literal("fault"), fault: z.string(), phase: z.enum(["begin", "end", "once"]) }),
]);
export type Entry = z.infer<typeof Entry>;
