/** I11: the packet that a claim is given is the last one that was accepted before it. */
import { named } from "../../history/read.ts";
import type { Invariant, Life } from "../evidence.ts";
import { found, packetIdOf } from "../told.ts";

export const handedOn: Invariant = (calls, { lives }) => {
  const byId = new Map(lives.map((life) => [life.task.id, life]));
  const details = named(calls, "claim").flatMap(({ end }) => {
    if (end.type !== "ok" || end.answer.lease === undefined) return [];
    const { task_id, epoch, packet_id, packet } = end.answer.lease;
    const life = byId.get(task_id);
    if (life === undefined) return [];
    const expected = newestBefore(life, epoch);
    const hash = life.packets.find(({ id }) => id === expected)?.hash ?? null;
    const which = `epoch ${epoch} of task ${task_id}`;
    if (packet_id !== expected) return [`${which} was given packet ${packet_id}, the last accepted one is ${expected}`];
    return packet === hash ? [] : [`${which} was given packet ${packet_id} with other contents than are stored`];
  });
  return found("the next claim gets the last accepted packet", details);
};

function newestBefore({ events }: Life, epoch: number): string | null {
  let newest: string | null = null;
  for (const { type, epoch: at, data } of events) {
    if (type === "claimed" && at === epoch) return newest;
    newest = packetIdOf(data) ?? newest;
  }
  return newest;
}
