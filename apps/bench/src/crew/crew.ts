/** The worker processes of a contender: started together, asked together, stopped together. */
import { STAGES } from "@baton/domain";
import type { Contender, Place } from "../contenders/contender.ts";
import { hopsOf } from "./hops.ts";
import { type Ledger, openLedger } from "./ledger.ts";
import { startMember } from "./member.ts";
import type { Used } from "./messages.ts";

export interface Crew {
  ledger: Ledger;
  /** Of all its processes together. */
  used(): Promise<Used>;
  /** How long tasks were between two stages while `during` went on, in ms, each of them. */
  hops(during: () => Promise<unknown>): Promise<number[]>;
  stop(): Promise<void>;
}

export interface Size {
  workers: number;
  /** Tasks at the same time in each stage. */
  concurrency: number;
}

export async function startCrew(contender: Contender, place: Place, { workers, concurrency }: Size): Promise<Crew> {
  const { ledger, reports } = openLedger();
  const order = { contender: contender.name, place, concurrency };
  const members = await Promise.all(dealt(workers).map((stages) => startMember({ ...order, stages }, reports)));
  return {
    ledger,
    used: async () => {
      const each = await Promise.all(members.map((member) => member.used()));
      return each.reduce((sum, used) => ({
        cpu_ms: sum.cpu_ms + used.cpu_ms,
        rss_bytes: sum.rss_bytes + used.rss_bytes,
      }));
    },
    hops: async (during) => {
      for (const member of members) member.note();
      await during();
      return hopsOf((await Promise.all(members.map((member) => member.noted()))).flat());
    },
    stop: async () => {
      await Promise.all(members.map((member) => member.stop()));
    },
  };
}

/** The stages, dealt out like cards: with four workers each has one, as Baton's own programs do. */
function dealt(workers: number) {
  return Array.from({ length: workers }, (_, worker) => STAGES.filter((_stage, i) => i % workers === worker));
}
