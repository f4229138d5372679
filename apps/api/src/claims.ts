/** The two ways to a lease: the long poll and the handoff that is accepted by hand. Whoever hangs up stops waiting at once, and a server that shuts down sends everybody home. */
import { ok, type Result } from "@baton/domain";
import * as pipeline from "@baton/pipeline";
import type { Response } from "express";
import type { Drain } from "./drain.ts";
import type { Ask, Reply } from "./handlers.ts";

export async function claimLease({ who, input, parts, response }: Ask<"claim">): Promise<Result<Reply<"claim">>> {
  const { signal, done } = whileWanted(response, parts.drain);
  try {
    const answer = await pipeline.claim(parts.line, who, input, { room: parts.room, signal });
    if (!answer.ok) return answer;
    if (answer.value.kind === "leased") {
      return ok({ status: answer.value.fresh ? 201 : 200, value: answer.value.value });
    }
    const { reason, retry_after_s } = answer.value;
    return ok({
      status: 204,
      value: null,
      headers: { "Retry-After": String(retry_after_s), "X-Baton-Reason": reason },
    });
  } finally {
    done();
  }
}

/** Waits for nothing: the task is there to be had, or it is not. */
export async function acceptHandoff({
  who,
  input,
  parts,
}: Ask<"acceptHandoff">): Promise<Result<Reply<"acceptHandoff">>> {
  const answer = await pipeline.acceptHandoff(parts.line, who, input);
  return answer.ok ? ok({ status: answer.value.fresh ? 201 : 200, value: answer.value.value }) : answer;
}

/** The plan of a run is there to be had, or it is not. */
export async function planRun({ line, who, input }: Ask<"planRun">): Promise<Result<Reply<"planRun">>> {
  const answer = await pipeline.planRun(line, who, input);
  return answer.ok ? ok({ status: answer.value.fresh ? 201 : 200, value: answer.value.value }) : answer;
}

/** A signal that fires when the caller has hung up or the server begins to drain. */
function whileWanted(response: Response, drain: Drain): { signal: AbortSignal; done: () => void } {
  const poll = new AbortController();
  const stop = () => poll.abort();
  const forget = drain.onBegin(stop);
  response.once("close", stop);
  if (response.destroyed) stop();
  return {
    signal: poll.signal,
    done: () => {
      forget();
      response.off("close", stop);
    },
  };
}
