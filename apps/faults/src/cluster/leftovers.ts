/**
 * What would stay behind if the harness ended now: processes, mounts, folders. Whoever starts or makes something notes here,
 * before it is there, how it goes away again. It goes with its maker, at the limit of a scenario, and at a signal.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { constants } from "node:os";
import { setTimeout as pause } from "node:timers/promises";

/** How one thing goes away; harmless when it has gone already. */
type Clean = () => unknown;

export interface Leftovers {
  /** What is added when all has been cleared goes at once, and its maker hears of it. */
  add(clean: Clean): void;
  /** The newest first, and all of them, whatever becomes of one; throws what the first that failed threw. Once only. */
  clear(): Promise<void>;
}

const open = new Set<Leftovers>();
/** Of what was begun within a household: see `household`. */
const own = new AsyncLocalStorage<Home>();

interface Home {
  makers: Set<Leftovers>;
  /** Nothing is begun in it any more. */
  closed: boolean;
}

/** Long enough for all that hears a signal, short enough for whoever waits. */
const LIMIT_MS = 20_000;

/** Of one maker. */
export function leftBehind(): Leftovers {
  const cleans: Clean[] = [];
  let cleared: Promise<void> | undefined;
  const home = own.getStore();
  const leftovers: Leftovers = {
    add: (clean) => {
      if (cleared === undefined) {
        cleans.push(clean);
        return;
      }
      void allOf([clean]).catch(() => {});
      throw new Error("it is over: nothing is started any more");
    },
    clear: () => {
      cleared ??= allOf(cleans).finally(() => {
        open.delete(leftovers);
        home?.makers.delete(leftovers);
      });
      return cleared;
    },
  };
  open.add(leftovers);
  home?.makers.add(leftovers);
  if (interrupted.aborted || home?.closed) leftovers.clear().catch(() => {});
  return leftovers;
}

/** Whatever comes of the work, all of it goes afterwards. */
export async function clearedAfter<T>(work: (leftovers: Leftovers) => Promise<T>): Promise<T> {
  const leftovers = leftBehind();
  const result = await work(leftovers).catch((error: unknown) => giveUp(leftovers, error));
  await leftovers.clear();
  return result;
}

/** Clears, and throws what it was given up for: what goes wrong at the clearing must not hide it. */
export async function giveUp(leftovers: Leftovers, error: unknown): Promise<never> {
  const more = await leftovers.clear().then(
    () => null,
    (problem: unknown) => problem,
  );
  if (more === null) throw error;
  throw new AggregateError([error, more], `${textOf(error)}\nand when it was cleared up: ${textOf(more)}`);
}

const textOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

async function allOf(cleans: Clean[]): Promise<void> {
  const failures: unknown[] = [];
  for (let clean = cleans.pop(); clean !== undefined; clean = cleans.pop()) {
    try {
      await clean();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}

export interface Household {
  /** Whatever the work makes, then and later, belongs to the household. */
  run<T>(work: () => T): T;
  /** Closes it: everything of it goes, also what is begun later; gives what did not come off, or did not in time. */
  clear(): Promise<string[]>;
}

/** Several makers whose things go together, while others keep theirs. */
export function household(): Household {
  const home: Home = { makers: new Set(), closed: false };
  return {
    run: (work) => own.run(home, work),
    clear: () => {
      home.closed = true;
      return clearAll(home.makers, LIMIT_MS);
    },
  };
}

/** Everything, of every maker; gives what did not come off, or did not in time. */
export function clearLeftovers(limit_ms = LIMIT_MS): Promise<string[]> {
  return clearAll(open, limit_ms);
}

async function clearAll(makers: ReadonlySet<Leftovers>, limit_ms: number): Promise<string[]> {
  const timer = new AbortController();
  const late = pause(limit_ms, ["not everything went away in time"], { signal: timer.signal });
  const cleared = Promise.allSettled([...makers].map((one) => one.clear())).then((ends) =>
    ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : [])),
  );
  const problems = await Promise.race([cleared, late]);
  timer.abort();
  late.catch(() => {});
  return problems;
}

const interruption = new AbortController();
/** Fires when the harness is told to end. */
export const interrupted = interruption.signal;

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const CRASHED = 1;
/** What a program has to say of an interrupted run: where its histories lie. */
const LAST_WORDS_MS = 1_000;

/** The life of a program of the harness: ends with the code that it gives, or, told to end before, with nothing left and 128 + the signal's number. */
export async function endingClean(
  program: () => Promise<number>,
  { tell, limit_ms = LIMIT_MS }: { tell: (line: string) => void; limit_ms?: number },
): Promise<never> {
  let ending: Promise<never> | undefined;
  const over = Promise.withResolvers<void>();
  const end = async (code: number): Promise<never> => {
    interruption.abort();
    for (const problem of await clearLeftovers(limit_ms)) tell(`left behind: ${problem}`);
    await Promise.race([over.promise, pause(LAST_WORDS_MS)]);
    process.exit(code);
  };
  for (const signal of SIGNALS) {
    // A terminal and npm both pass it on: the second one must not cut the clearing short.
    process.on(signal, () => {
      if (ending === undefined) tell(`${signal}: clearing up`);
      ending ??= end(128 + constants.signals[signal]);
    });
  }
  const crashed = (error: unknown): Promise<never> => {
    if (ending === undefined) tell(textOf(error));
    ending ??= end(CRASHED);
    return ending;
  };
  process.on("uncaughtException", (error) => void crashed(error));
  // What a scenario may have left running must not keep us: it ends when we do.
  const code = await program().finally(over.resolve).catch(crashed);
  return ending ?? process.exit(code);
}
