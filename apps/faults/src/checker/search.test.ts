/** The search: whatever one object at a time can answer is explained, however the calls overlap; an answer that it could not give is not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explain } from "./search.ts";
import { type Act, type Step, TASK, type TaskState } from "./task-object.ts";

const LEASE_MS = 1_000;

/** What a client may try next. */
type Try = {
  kind: "claim" | "beat" | "pass" | "reject" | "fail" | "release" | "pause" | "resume" | "kill" | "wait";
  old: boolean;
};

const tries = fc.array(
  fc.record({
    kind: fc.constantFrom<Try["kind"]>(
      ...(["claim", "claim", "claim", "beat", "beat", "pass", "pass", "reject", "fail", "release"] as const),
      ...(["pause", "resume", "resume", "kill", "wait"] as const),
    ),
    old: fc.boolean(),
  }),
  { minLength: 5, maxLength: 40 },
);

const spread = fc.array(fc.tuple(fc.nat(400), fc.nat(400)), { minLength: 40, maxLength: 40 });

interface Happened {
  at: number;
  act: Act;
}

/** A correct object, one call after the other: what each is answered, and when it happened. */
function happened(all: readonly Try[]): Happened[] {
  let state: TaskState = TASK.start;
  let now = 0;
  const done: Happened[] = [];
  const leases: string[] = [];
  for (const one of all) {
    now += 50;
    if (one.kind === "wait") now += LEASE_MS;
    const act = actOf(one, state, leases, now);
    if (act === null) continue;
    const step: Step = { act, from: now, to: now, required: true, told: "" };
    const [next] = TASK.next(state, step);
    if (next === undefined) continue;
    state = next;
    if (act.kind === "claim") leases.push(act.lease_id);
    done.push({ at: now, act });
  }
  return done;
}

function actOf({ kind, old }: Try, state: TaskState, leases: readonly string[], now: number): Act | null {
  if (kind === "wait") return null;
  if (kind === "pause" || kind === "resume" || kind === "kill") return { kind };
  const { epoch, stage, visit, lease, held } = state;
  if (kind === "claim") {
    if (stage === "none" || stage === "complete") return null;
    return { kind, lease_id: `lease ${epoch + 1}`, epoch: epoch + 1, stage, visit, lease_ms: LEASE_MS };
  }
  const lease_id = (old ? leases[0] : leases.at(-1)) ?? "";
  const lives = lease !== null && lease.id === lease_id && !lease.dead && now < lease.until && !state.over;
  if (state.cancelled === lease_id && kind === "beat")
    return { kind, lease_id, lease_ms: LEASE_MS, directive: "cancel" };
  if (!lives) return { kind: "lost", lease_id };
  if (kind === "beat") return { kind, lease_id, lease_ms: LEASE_MS, directive: held ? "pause" : "continue" };
  if (kind === "pass" || kind === "reject") return { kind: "complete", lease_id, verdict: kind };
  return { kind, lease_id };
}

/** Each call was sent some time before and answered some time after. */
function overlapping(done: readonly Happened[], by: readonly (readonly [number, number])[]): Step[] {
  return done.map(({ at, act }, i) => {
    const [before, after] = by[i] ?? [0, 0];
    return { act, from: at - before, to: at + after, required: true, told: act.kind };
  });
}

const RUNS = { numRuns: 300 };

describe("the search", () => {
  test("explains whatever a correct object has answered, however the calls overlap", () => {
    fc.assert(
      fc.property(tries, spread, (all, by) => {
        expect(explain(TASK, overlapping(happened(all), by)).verdict).toBe("yes");
      }),
      RUNS,
    );
  });

  test("and some of the calls may have been lost", () => {
    fc.assert(
      fc.property(tries, spread, fc.nat(39), (all, by, n) => {
        const steps = overlapping(happened(all), by);
        const lost = steps.map((step, i) =>
          i % 40 === n ? { ...step, to: Number.POSITIVE_INFINITY, required: false } : step,
        );
        expect(explain(TASK, lost).verdict).toBe("yes");
      }),
      RUNS,
    );
  });

  test("explains no answer that no order makes possible", () => {
    fc.assert(
      fc.property(tries, spread, fc.nat(), (all, by, n) => {
        const steps = overlapping(happened(all), by);
        const claims = steps.filter(({ act }) => act.kind === "claim");
        const chosen = claims[n % Math.max(1, claims.length)];
        fc.pre(chosen !== undefined);
        // An epoch is given once: no order has room for the same one again under another lease.
        const twin = { ...chosen, act: { ...chosen.act, lease_id: "another" } as Act };
        expect(explain(TASK, [...steps, twin]).verdict).toBe("no");
      }),
      RUNS,
    );
  });

  test("explains no result of a lease that was never given", () => {
    fc.assert(
      fc.property(tries, spread, fc.nat(2_000), (all, by, at) => {
        const stray: Step = {
          ...{ act: { kind: "complete", lease_id: "nobody's", verdict: "pass" }, from: at, to: at + 5_000 },
          ...{ required: true, told: "stray" },
        };
        expect(explain(TASK, [...overlapping(happened(all), by), stray]).verdict).toBe("no");
      }),
      RUNS,
    );
  });
});

const step = (act: Act, from: number, to: number): Step => ({
  act,
  from,
  to,
  required: to < Number.POSITIVE_INFINITY,
  told: act.kind,
});
const claim = (epoch: number, from: number, to: number) =>
  step({ kind: "claim", lease_id: `lease ${epoch}`, epoch, stage: "dev", visit: 1, lease_ms: LEASE_MS }, from, to);
const pass = (epoch: number, from: number, to: number) =>
  step({ kind: "complete", lease_id: `lease ${epoch}`, verdict: "pass" }, from, to);
const lost = (epoch: number, from: number, to: number) => step({ kind: "lost", lease_id: `lease ${epoch}` }, from, to);

describe("one task with one lease", () => {
  test.each([
    ["a second claim while the first lease lives", [claim(1, 0, 10), claim(2, 100, 200)], "no"],
    ["a second claim once the first lease may be over", [claim(1, 0, 10), claim(2, 100, 1_100)], "yes"],
    [
      "a result of the first lease after the second was given",
      [claim(1, 0, 10), claim(2, 1_100, 1_200), pass(1, 1_300, 1_400)],
      "no",
    ],
    [
      "the same while the second claim was under way",
      [claim(1, 0, 10), claim(2, 900, 1_400), lost(1, 1_300, 1_400)],
      "yes",
    ],
    ["a refusal while the lease lives", [claim(1, 0, 10), lost(1, 100, 200), pass(1, 300, 400)], "no"],
    ["a result, then the same lease refused", [claim(1, 0, 10), pass(1, 100, 200), lost(1, 300, 400)], "yes"],
    [
      "a result after a lost kill",
      [claim(1, 0, 10), step({ kind: "kill" }, 20, Number.POSITIVE_INFINITY), pass(1, 100, 200)],
      "yes",
    ],
    [
      "a result after a kill that was acknowledged",
      [claim(1, 0, 10), step({ kind: "kill" }, 20, 30), pass(1, 100, 200)],
      "no",
    ],
    ["a result that began before the kill", [claim(1, 0, 10), step({ kind: "kill" }, 20, 30), pass(1, 15, 200)], "yes"],
  ] as const)("%s", (_what, steps, verdict) => {
    expect(explain(TASK, steps).verdict).toBe(verdict);
  });

  test("gives up when there are too many orders, and says so", () => {
    expect(explain(TASK, [claim(1, 0, 10), pass(1, 20, 30)], 1)).toEqual({ verdict: "gave_up" });
  });
});
