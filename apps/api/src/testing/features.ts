/** Features for tests, and packets of their phases. */
import type { CreateFeaturePacket, ProblemView } from "@baton/domain/api";
import type { z } from "zod";
import type { Caller } from "./caller.ts";
import type { Served } from "./served.ts";
import { project } from "./work.ts";

export type PacketInput = z.input<typeof CreateFeaturePacket>;

let made = 0;

export async function feature(api: Served): Promise<string> {
  const body = { project_id: await project(api), title: `feature ${++made}` };
  return (await api.producer.ok("createFeature", { body })).feature.id;
}

export const packetOf = (phase: PacketInput["phase"], more: Partial<PacketInput> = {}): PacketInput => ({
  ...{ phase, agent_id: "IN9", agent_name: "Somebody", output_summary: `did ${phase}` },
  ...more,
});

/** The answer to a packet that must be taken. */
export function leave(api: Served, id: string, phase: PacketInput["phase"], more: Partial<PacketInput> = {}) {
  return api.producer.ok("addFeaturePacket", { params: { id }, body: packetOf(phase, more) });
}

/** The answer to a packet as a caller without our types would send it. */
export async function sendPacket(who: Caller, id: string, body: unknown) {
  const path = `/api/features/${id}/handoff-packets`;
  const headers = { "content-type": "application/json" };
  const answer = await who.raw("POST", path, { headers, body: JSON.stringify(body) });
  const { code, detail, errors = [] } = answer.body as Partial<ProblemView>;
  return { status: answer.status, code, detail, pointers: [...new Set(errors.map(({ pointer }) => pointer))] };
}

export async function packetsOf({ producer }: Served, id: string) {
  return (await producer.ok("listFeaturePackets", { params: { id } })).items;
}
