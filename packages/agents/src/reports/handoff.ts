/** handoff.json: what the agent says of its own work, in the fields of a packet. */
import { FindingInput, PacketDraft, Usage } from "@baton/domain";
import { type Parsed, parseJson } from "@baton/formats";
import { z } from "zod";

const Handoff = PacketDraft.extend({
  result: z.enum(["pass", "reject"]).optional(),
  findings: z.array(FindingInput).max(1_000).default([]),
  usage: Usage.default({}),
});
export type Handoff = z.infer<typeof Handoff>;

export function parseHandoff(text: string): Parsed<Handoff> {
  return parseJson(text, Handoff);
}
