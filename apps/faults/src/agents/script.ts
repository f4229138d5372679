/** What each attempt of workload W is like: how long it takes, how it ends, what it leaves. Follows from the seed, the task's title and the attempt alone. */
import { createHash } from "node:crypto";
import type { Stage } from "@baton/domain";

/**
 * The first word of a task's title. `plain`: the mix of W. `brisk`: short and always passed. `stubborn`: qa sends it back each
 * time. `poison`: whichever process gets it in dev dies of it. `slow`: as `brisk`, but a few seconds each, with heartbeats.
 */
const KINDS = ["plain", "brisk", "stubborn", "poison", "slow"] as const;
export type TaskKind = (typeof KINDS)[number];

export interface Script {
  work_ms: number;
  /** No heartbeat: the lease is over before the work is, and the agent does not know. */
  silent: boolean;
  end: "pass" | "reject" | "fail" | "release";
  packet_bytes: number;
  artifact_bytes: number | null;
  checkpoint: boolean;
  dies: boolean;
}

export interface Attempt {
  title: string;
  stage: Stage;
  visit: number;
  attempt: number;
}

const MIN_BYTES = 1_024;
const MAX_BYTES = 245_000;

const BRISK: Script = {
  ...{ work_ms: 20, silent: false, end: "pass", packet_bytes: MIN_BYTES },
  ...{ artifact_bytes: null, checkpoint: false, dies: false },
};

/** Of all work 15 % takes longer than the lease: a third of that kept alive by heartbeats, the rest silent. */
const LONG_SHARE = 0.15;
const SILENT_SHARE = 0.1;

export function scriptOf(seed: number, attempt: Attempt, lease_ms: number): Script {
  const draw = draws(seed, attempt);
  const kind = attempt.title.split(" ", 1)[0];
  if (kind === "brisk") return { ...BRISK, work_ms: 20 + 60 * draw(0) };
  if (kind === "slow") return { ...BRISK, work_ms: 1_500 + 3_000 * draw(0) };
  if (kind === "stubborn") return { ...BRISK, end: attempt.stage === "qa" ? "reject" : "pass" };
  if (kind === "poison") return { ...BRISK, dies: attempt.stage === "dev" };
  return plain(draw, lease_ms);
}

function plain(draw: (i: number) => number, lease_ms: number): Script {
  const long = draw(0) < LONG_SHARE;
  const beyond = lease_ms + 500 + 2_500 * draw(2);
  return {
    work_ms: long ? beyond : 20 + 180 * draw(2),
    silent: draw(0) < SILENT_SHARE,
    end: endOf(draw(1)),
    packet_bytes: Math.round(MIN_BYTES * (MAX_BYTES / MIN_BYTES) ** draw(3)),
    artifact_bytes: draw(4) < 0.15 ? Math.round(1 + 50_000 * draw(5)) : null,
    checkpoint: draw(6) < 0.1,
    dies: false,
  };
}

/** 10 % rejections; a few technical failures and tasks given back. */
function endOf(share: number): Script["end"] {
  if (share < 0.1) return "reject";
  if (share < 0.12) return "fail";
  return share < 0.14 ? "release" : "pass";
}

/** Eight numbers in 0 … 1, each asked for by its place. */
function draws(seed: number, { title, stage, visit, attempt }: Attempt): (i: number) => number {
  const bytes = createHash("sha256").update(`${seed}:${title}:${stage}:${visit}:${attempt}`).digest();
  return (i) => bytes.readUInt32BE(4 * i) / 2 ** 32;
}
