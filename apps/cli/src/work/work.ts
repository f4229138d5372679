/** `baton work`: takes tasks of some stages one after the other, has a command work each, and hands it in. Ends when it is told to, when there is nothing left where that was asked for, or when no task could go well. */
import { setTimeout as pause } from "node:timers/promises";
import { Complaint } from "../complaint.ts";
import { EXIT, EXIT_OF } from "../exit-codes.ts";
import { type Outcome, type Workshop, workLease } from "./attempt.ts";
import { claimNext } from "./claim-next.ts";

interface Tally {
  worked: number;
  passed: number;
  rejected: number;
  failed: number;
}

/** How long no task is taken after a quota has run out and nobody said for how long. */
const QUOTA_WAIT_S = 60;

/** Gives the exit code. */
export async function work(shop: Workshop): Promise<number> {
  const tally: Tally = { worked: 0, passed: 0, rejected: 0, failed: 0 };
  const exit_code = await rounds(shop, tally).catch((error: unknown) => {
    if (!shop.stop.aborted) throw error;
    return EXIT.interrupted;
  });
  shop.say({ event: "ended", ...tally, exit_code });
  return exit_code;
}

async function rounds(shop: Workshop, tally: Tally): Promise<number> {
  const { max } = shop.options;
  while (max === null || tally.worked < max) {
    const next = await claimNext(shop);
    if (next.kind === "none") return next.reason === "empty" ? endOf(tally) : EXIT.not_now;
    const outcome = await workLease(shop, next.claimed);
    count(tally, outcome);
    if (shop.stop.aborted) return EXIT.interrupted;
    if (outcome.kind === "refused") {
      const { problem } = outcome;
      throw new Complaint(problem.detail, EXIT_OF[problem.code] ?? EXIT.broken);
    }
    const last = max !== null && tally.worked >= max;
    if (outcome.kind === "failed") {
      if (outcome.stop) return EXIT.cannot_run;
      if (outcome.quota && last) return EXIT.not_now;
      if (outcome.quota) await quotaOver(shop, outcome.retry_after_s);
    }
    if (last && (outcome.kind === "released" || outcome.kind === "thrown_away")) return EXIT.not_now;
  }
  return endOf(tally);
}

function count(tally: Tally, { kind }: Outcome): void {
  tally.worked += 1;
  if (kind === "passed" || kind === "rejected") tally[kind] += 1;
  else tally.failed += 1;
}

function endOf({ failed }: Tally): number {
  return failed === 0 ? EXIT.ok : EXIT.failed;
}

async function quotaOver({ say, stop }: Workshop, retry_after_s: number | null): Promise<void> {
  const wait_s = retry_after_s ?? QUOTA_WAIT_S;
  say({ event: "note", text: `takes no task for ${wait_s} s: there is no quota` });
  await pause(wait_s * 1_000, undefined, { signal: stop });
}
