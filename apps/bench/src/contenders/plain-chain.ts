/**
 * The ceiling: four BullMQ queues in Redis, each handler adds the next job. Nothing is durable, nothing is recorded,
 * and a handler that dies after it has added the next job will add it again.
 */
import { randomUUID } from "node:crypto";
import { openFirstQueue, serveChain } from "./chain.ts";
import type { Contender, Desk } from "./contender.ts";
import { packetText } from "./packet.ts";

/** The packet travels in the job: it has nowhere else to be. */
interface Packet {
  output_summary: string;
}

export const plainChain: Contender = {
  name: "plain BullMQ chain (Redis)",
  open: async (servers): Promise<Desk> => {
    const first = await openFirstQueue<Packet>(servers);
    return {
      place: { redis_url: servers.redis_url },
      submit: async (count) => {
        const task_ids = Array.from({ length: count }, () => randomUUID());
        await first.add(task_ids.map((task_id) => ({ task_id, data: { output_summary: packetText() } })));
        return task_ids;
      },
      sent: () => Promise.resolve(),
      // It keeps no record that could be looked at.
      faults: () => Promise.resolve([]),
      close: () => first.close(),
    };
  },
  serve: (shift) =>
    serveChain<Packet>(shift, (stage, task_id) => Promise.resolve({ output_summary: shift.work(task_id, stage) })),
};
