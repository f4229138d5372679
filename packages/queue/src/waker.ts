/**
 * The waker: tells a process that a stage may have new tickets, whoever added them. Only a hint: some are missed, some
 * come for nothing, and who waits looks for himself every few seconds anyway.
 */
import { isStage, STAGES, type Stage } from "@baton/domain";
import type { Backend } from "./backend.ts";
import { postgresWaking } from "./postgres/waking.ts";
import { redisWaking } from "./redis/waking.ts";
import { sampled } from "./sampled.ts";
import type { Waker } from "./waking.ts";

export interface WakerOptions {
  onTicket: (stage: Stage) => void;
  /** Called at most once a second. */
  onError: (error: Error) => void;
}

export function openWaker(backend: Backend, { onTicket, onError }: WakerOptions): Waker {
  const waking = backend.kind === "redis" ? redisWaking : postgresWaking;
  return waking(backend.url, {
    hear: (stage) => {
      if (isStage(stage)) onTicket(stage);
    },
    missed: () => {
      for (const stage of STAGES) onTicket(stage);
    },
    report: sampled(onError),
  });
}
