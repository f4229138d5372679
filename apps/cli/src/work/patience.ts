/** Calls that are made until they are answered: a server that is away is waited for, however long that takes, and both its leaving and its return are said once. */
import { setTimeout as pause } from "node:timers/promises";
import { ServerAway } from "@baton/client";
import type { ProblemView } from "@baton/domain/api";
import type { Say } from "./events.ts";

type Answered = { ok: true } | { ok: false; status: number; problem: ProblemView };

export interface Patience {
  /** Throws the signal's reason when it fires. `call` must be safe to repeat: the same key each time. */
  untilAnswered<A extends Answered>(call: (signal: AbortSignal) => Promise<A>, signal: AbortSignal): Promise<A>;
}

const AGAIN_MS = 1_000;
const LONGEST_MS = 60_000;

export function withPatience(say: Say): Patience {
  let away = false;
  const lost = (detail: string) => {
    if (!away) say({ event: "server_away", detail });
    away = true;
  };
  const found = () => {
    if (away) say({ event: "server_back" });
    away = false;
  };
  return {
    untilAnswered: async (call, signal) => {
      for (;;) {
        signal.throwIfAborted();
        const answer = await call(signal).catch((error: unknown) => {
          if (!(error instanceof ServerAway)) throw error;
          return error;
        });
        if (!(answer instanceof ServerAway)) {
          const later = laterMs(answer);
          if (later === null) {
            found();
            return answer;
          }
          lost(answer.ok ? "" : answer.problem.detail);
          await pause(later, undefined, { signal });
          continue;
        }
        lost(answer.message);
        await pause(AGAIN_MS, undefined, { signal });
      }
    },
  };
}

/** Refusals that say that nothing was done, or not yet, and that the same call may fare better. */
const LATER = new Set(["idempotency_in_progress", "conflict", "request_timeout"]);

/** Null for an answer that is one. */
function laterMs(answer: Answered): number | null {
  if (answer.ok || (answer.status !== 503 && answer.status !== 429 && !LATER.has(answer.problem.code))) return null;
  return Math.min(LONGEST_MS, Math.max(AGAIN_MS, (answer.problem.retry_after_s ?? 0) * 1_000));
}
