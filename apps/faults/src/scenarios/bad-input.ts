/** Generated bad input over every route, the MCP door and what is no route, and connections that are hardly HTTP. */
import { type BadInput, sendBadInput } from "../fuzz/bad-input.ts";
import { heapMb } from "../fuzz/heap.ts";
import { MANGLED, mangledFaults } from "../fuzz/mangled.ts";
import { type Attacked, onCluster, violationsOf } from "../fuzz/on-cluster.ts";
import { stillWorks } from "../fuzz/still-works.ts";
import type { Outcome, Violation } from "../scenario.ts";

/** The short form sends what fits into its time; fewer than planned prove nothing. */
const FORMS = { short: { cases: 50_000, planned: 500, ms: 30_000 }, long: { cases: 50_000, planned: 50_000 } };
const WARM_UP = 300;
const GROWTH_MB = 50;

export const badInput = onCluster({
  name: "bad-input",
  promise:
    "whatever is sent, an answer is a success or a refusal that says why, comes at once, and nothing is left behind",
  directors: 1,
  run: attack,
});

async function attack({ round, url, token }: Attacked): Promise<Outcome> {
  const { planned, ...effort } = FORMS[round.form];
  const at = { url, token };
  await sendBadInput(at, { seed: round.seed, cases: WARM_UP });
  const before = await heapMb(at);
  round.tell(`${effort.cases} bad inputs at most; the heap is at ${before.toFixed(1)} MB`);
  const sent = await sendBadInput(at, { seed: round.seed + 1_000, ...effort });
  const mangled = await mangledFaults(url);
  const works = await violationsOf("the line still works", stillWorks(at));
  const growth = (await heapMb(at)) - before;
  return {
    planned,
    injected: sent.cases,
    violations: [...violationsIn(sent, mangled), ...works, ...grown(growth)],
    figures: figuresOf(sent, growth),
  };
}

function violationsIn({ failures }: BadInput, mangled: string[]): Violation[] {
  const invariant = "every answer is a success or a refusal, at once";
  return [...failures, ...mangled].map((detail) => ({ invariant, detail }));
}

function grown(growth: number): Violation[] {
  if (growth <= GROWTH_MB) return [];
  return [{ invariant: `the heap grows by ${GROWTH_MB} MB at most`, detail: `it grew by ${growth.toFixed(1)} MB` }];
}

function figuresOf({ cases, statuses, slowest_ms, slow_once, broken, seconds }: BadInput, growth: number) {
  const count = (from: number) =>
    [...statuses].filter(([status]) => status >= from && status < from + 100).reduce((sum, [, n]) => sum + n, 0);
  return {
    ...{
      requests: cases,
      mangled: Object.keys(MANGLED).length,
      done_2xx: count(200),
      refused_4xx: count(400),
      broken_5xx: count(500),
    },
    ...{ slowest_ms: Math.round(slowest_ms), slow_once, cut_too_large: broken },
    ...{ heap_growth_mb: Math.round(growth * 10) / 10, sending_s: Math.round(seconds) },
  };
}
