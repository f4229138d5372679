/** Group commit in the process: calls that arrive while others are being written go out together in the next statement. A lone call waits for no others. */
import { isAway, isCollision, isRowBusy } from "./faults.ts";

export interface Batch<Item, Answer> {
  /** Resolves with this item's own answer; rejects when this item cannot be written, and when the server is away: what became of it is unknown then. */
  add(item: Item): Promise<Answer>;
}

interface Waiting<Item, Answer> {
  item: Item;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export interface BatchOptions {
  /** Statements in flight at once. */
  lanes?: number;
  /** Items in one statement at most. */
  most?: number;
}

/** `write` answers every item in its place, or throws and has written none of them. */
export function openBatch<Item, Answer>(
  write: (items: Item[]) => Promise<Answer[]>,
  { lanes = 2, most = 100 }: BatchOptions = {},
): Batch<Item, Answer> {
  const queue: Waiting<Item, Answer>[] = [];
  let busy = 0;

  function flush(): void {
    while (busy < lanes && queue.length > 0) {
      busy += 1;
      void send(queue.splice(0, most)).finally(() => {
        busy -= 1;
        flush();
      });
    }
  }

  async function send(waiting: Waiting<Item, Answer>[]): Promise<void> {
    try {
      settle(waiting, await write(waiting.map(({ item }) => item)));
    } catch (error) {
      if (worthAnotherTry(error, waiting.length)) await oneByOne(waiting);
      else for (const { reject } of waiting) reject(error);
    }
  }

  /** One bad item must not fail the others. A server that stops answering fails all that are left: they would only wait. */
  async function oneByOne(waiting: Waiting<Item, Answer>[]): Promise<void> {
    let gone: { error: unknown } | null = null;
    for (const one of waiting) {
      if (gone) one.reject(gone.error);
      else gone = await alone(one);
    }
  }

  async function alone(one: Waiting<Item, Answer>): Promise<{ error: unknown } | null> {
    try {
      settle([one], await write([one.item]));
      return null;
    } catch (error) {
      one.reject(error);
      return isGone(error) ? { error } : null;
    }
  }

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        // Whatever else this turn of the event loop brings goes out together.
        if (queue.push({ item, resolve, reject }) === 1) setImmediate(flush);
      }),
  };
}

/** Whether the items may fare better alone: never when it is unknown what became of them. */
function worthAnotherTry(error: unknown, items: number): boolean {
  return isCollision(error) || (items > 1 && !isGone(error));
}

function isGone(error: unknown): boolean {
  return isAway(error) && !isRowBusy(error);
}

function settle<Item, Answer>(waiting: Waiting<Item, Answer>[], answers: Answer[]): void {
  waiting.forEach(({ resolve, reject }, i) => {
    const answer = answers[i];
    if (answer === undefined) reject(new Error("the statement did not answer this item"));
    else resolve(answer);
  });
}
