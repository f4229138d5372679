/** The ledger on the wire: what `baton verify` reads. */
import { z } from "zod";
import { LEDGER_FORMAT } from "../ledger.ts";
import { Packet } from "../packet.ts";
import { Id, Time } from "./fields.ts";

const Hash = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

const Entry = z.object({
  seq: z.int().min(1),
  type: z.string(),
  from_stage: z.string(),
  from_state: z.string(),
  to_stage: z.string(),
  to_state: z.string(),
  charged: z.string(),
  visit: z.int(),
  attempt: z.int(),
  epoch: z.int(),
  actor: z.string(),
  at: Time,
  data: z.record(z.string(), z.unknown()),
  prev_hash: z.union([z.literal(""), Hash]),
  hash: Hash,
});

/** The chain with everything its hashes vouch for. */
export const LedgerView = z
  .object({
    format: z.literal(LEDGER_FORMAT),
    task_id: Id,
    head: Hash,
    entries: z.array(Entry),
    packets: z.array(Packet),
    findings: z.array(z.looseObject({ id: Id, packet_id: Id })),
    artifacts: z.array(z.looseObject({ id: Id, checksum: Hash })),
  })
  .meta({ id: "Ledger" });
export type LedgerView = z.infer<typeof LedgerView>;
