/** Keeps a lease while its work goes on: heartbeats that need no model, the line's directives, and people's words for the agent. Decides when the work no longer counts; ending it is the caller's. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { LiveSession } from "@baton/agents";
import type { Called } from "@baton/client";
import type { LeaseView, ProblemView, ROUTES } from "@baton/domain/api";
import type { Desk } from "./claim-next.ts";
import { followDirectives, tell } from "./words-for-agents.ts";

/** Why the work ends before its time. */
export type Cut =
  | { kind: "released"; why: "asked to end" | "the run is paused" }
  | { kind: "thrown_away"; why: string }
  /** The server does not let us in any more. */
  | { kind: "refused"; problem: ProblemView };

export interface Hold {
  /** Fires when the work is to end at once; `cut` then says why. */
  signal: AbortSignal;
  cut(): Cut | null;
  /** Given the running command, for usage and progress. */
  onSession(session: LiveSession): void;
  /** From now on the answer to the handing in decides, not a heartbeat. */
  handingIn(): void;
  stop(): Promise<void>;
}

interface Keeping {
  lease: LeaseView;
  /** The file that the agent may read. */
  messages: string;
  /** A fingerprint of what differs from where the work began; null while there is nothing to look at. */
  look: () => Promise<string | null>;
}

type Beaten = Called<(typeof ROUTES)["heartbeat"]>;

export function holdLease(desk: Desk, { lease, messages, look }: Keeping): Hold {
  const cutting = new AbortController();
  const over = new AbortController();
  const directives = followDirectives(desk, messages, (cut) => end(cut));
  let session: LiveSession | null = null;
  let why: Cut | null = null;
  let handing_in = false;
  const evidence = seldom(look);

  const end = (cut: Cut) => {
    if (handing_in || why !== null) return;
    why = cut;
    cutting.abort(new Error(cut.kind));
  };
  const asked = () => end({ kind: "released", why: "asked to end" });
  desk.stop.addEventListener("abort", asked, { once: true });
  if (desk.stop.aborted) asked();

  const hear = async (answer: Beaten) => {
    if (answer.ok) {
      for (const message of answer.value.messages) await tell(desk, messages, message);
      await directives.hear(answer.value.directive);
    } else if (answer.status === 410 || answer.status === 404) {
      end({ kind: "thrown_away", why: answer.problem.detail });
    } else if (answer.status === 401 || answer.status === 403) {
      end({ kind: "refused", problem: answer.problem });
    } else {
      desk.say({ event: "note", text: `heartbeat refused: ${answer.problem.detail}` });
    }
  };

  const beats = (async () => {
    while (!over.signal.aborted) {
      await pause(lease.heartbeat_every_s * 1_000, undefined, { signal: over.signal });
      await hear(await beat(desk, lease, session, evidence(), over.signal));
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });

  return {
    signal: cutting.signal,
    cut: () => why,
    onSession: (one) => {
      session = one;
    },
    handingIn: () => {
      handing_in = true;
    },
    stop: async () => {
      over.abort();
      directives.forget();
      desk.stop.removeEventListener("abort", asked);
      await beats;
    },
  };
}

/** One key for one beat, however often it is sent: words for the agent are given out once. */
function beat(
  { client, patience }: Desk,
  lease: LeaseView,
  session: LiveSession | null,
  diff_sha256: string | null,
  over: AbortSignal,
) {
  const [usage, progress] = [session?.usage() ?? {}, session?.progress() ?? null];
  const body = {
    epoch: lease.epoch,
    ...(Object.keys(usage).length > 0 && { usage }),
    ...(progress !== null && { progress }),
    ...(diff_sha256 !== null && { evidence: { diff_sha256 } }),
  };
  const input = { params: { id: lease.id }, body, idempotency_key: randomUUID() };
  return patience.untilAnswered((signal) => client.call("heartbeat", { ...input, signal }), over);
}

/** In a large worktree a look is not for free; between two of them the last one is as good. */
const LOOK_EVERY_MS = 30_000;

/** Gives what was seen last. A heartbeat never waits for a look, which may take longer than the lease lasts. */
function seldom(look: () => Promise<string | null>): () => string | null {
  let seen: string | null = null;
  let next = 0;
  let looking = false;
  return () => {
    if (!looking && performance.now() >= next) {
      looking = true;
      next = performance.now() + LOOK_EVERY_MS;
      void look()
        .then(
          (found) => {
            seen = found ?? seen;
          },
          // What cannot be looked at now is looked at again later.
          () => undefined,
        )
        .finally(() => {
          looking = false;
        });
    }
    return seen;
  };
}
