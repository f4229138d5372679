/**
 * The Wing–Gong search: is there an order of the operations, each at a moment between its begin and its end, in which one
 * object at a time explains every answer? States that were met before with the same operations done are not tried again
 * (Lowe). Knows nothing of tasks.
 * Source: https://www.cs.ox.ac.uk/people/gavin.lowe/LinearizabiltyTesting/paper.pdf
 */

export interface Spread {
  /** When it was sent, and when its answer came: Infinity when it never did. */
  from: number;
  to: number;
  /** False: it may have happened or not. */
  required: boolean;
}

export interface Sequential<State, Step> {
  start: State;
  /** The states that `step` may lead to; none when its answer is not what the object would give. */
  next(state: State, step: Step): readonly State[];
  /** The same text for states that behave alike. */
  nameOf(state: State): string;
}

/** `gave_up`: more states than the budget allows. */
export type Explained =
  | { verdict: "yes" }
  /** `furthest`: how many of the steps the best order explains, and the first required one that it does not. */
  | { verdict: "no"; furthest: number; stuck: number }
  | { verdict: "gave_up" };

interface Node<State> {
  /** All before this place in the order of `from` are done … */
  first: number;
  /** … and these behind it. */
  also: readonly number[];
  state: State;
}

export function explain<State, Step extends Spread>(
  object: Sequential<State, Step>,
  given: readonly Step[],
  budget = 500_000,
): Explained {
  const steps = given.toSorted((a, b) => a.from - b.from);
  const seen = new Set<string>();
  const open: Node<State>[] = [{ first: 0, also: [], state: object.start }];
  let best: Node<State> = { first: 0, also: [], state: object.start };
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const name = `${node.first}|${node.also.join(",")}|${object.nameOf(node.state)}`;
    if (seen.has(name)) continue;
    if (seen.size >= budget) return { verdict: "gave_up" };
    seen.add(name);
    if (doneOf(node) > doneOf(best)) best = node;
    const next = candidates(steps, node);
    if (next === null) return { verdict: "yes" };
    // The last one in is tried first: the one whose answer came first.
    for (const at of next.reverse()) {
      const step = steps[at];
      if (step === undefined) continue;
      for (const state of object.next(node.state, step)) open.push(advanced(node, at, state));
    }
  }
  const [stuck] = candidates(steps, best) ?? [];
  const step = steps[stuck ?? 0];
  return { verdict: "no", furthest: doneOf(best), stuck: step === undefined ? 0 : given.indexOf(step) };
}

const doneOf = ({ first, also }: Node<unknown>) => first + also.length;

/** What may come next, by the time of the answer: whatever began before the first answer among what is left. Null when nothing has to. */
function candidates(steps: readonly Spread[], { first, also }: Node<unknown>): number[] | null {
  const done = new Set(also);
  let bound = Number.POSITIVE_INFINITY;
  let left = false;
  const some: number[] = [];
  for (let at = first; at < steps.length; at += 1) {
    const step = steps[at];
    if (step === undefined || done.has(at)) continue;
    if (step.from > bound) break;
    some.push(at);
    if (!step.required) continue;
    left = true;
    bound = Math.min(bound, step.to);
  }
  if (!left) return null;
  const within = some.filter((at) => (steps[at]?.from ?? 0) <= bound);
  return within.sort(
    (a, b) => Number(steps[b]?.required) - Number(steps[a]?.required) || (steps[a]?.to ?? 0) - (steps[b]?.to ?? 0),
  );
}

function advanced<State>({ first, also }: Node<State>, at: number, state: State): Node<State> {
  const done = new Set([...also, at]);
  let next = first;
  while (done.delete(next)) next += 1;
  return { first: next, also: [...done].sort((a, b) => a - b), state };
}
