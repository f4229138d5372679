/** Keeps one member of the cluster alive: whenever it ends it is started again at once, its lives and its accidents are counted. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Kind, Member } from "./cluster.ts";
import { lastWords, type Program, startProcess } from "./program.ts";

/** A member that ends before it was ready is given a little longer each time, never more than a second. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [50, 1_000];
const GRACE_MS = 15_000;

export interface KeptMember {
  member: Member;
  /** When it was ready for the first time. */
  ready: Promise<void>;
  /** Ends it for good: kindly at first. */
  stop(grace_ms?: number): Promise<void>;
}

interface Life {
  child: ChildProcess;
  was_ready: boolean;
  /** Its end was asked for. */
  sentenced: boolean;
  /** After it, the state says so. */
  over: Promise<void>;
}

interface State {
  lives: number;
  current: Life | undefined;
  /** Of this life, or of the next one. */
  ready: PromiseWithResolvers<void>;
  stopping: boolean;
}

export function keepMember(name: string, kind: Kind, program: Program, accident: (what: string) => void): KeptMember {
  const state: State = { lives: 0, current: undefined, ready: Promise.withResolvers(), stopping: false };
  const first_ready = state.ready.promise;
  const died = (why: string) => accident(`${name} ended with ${why}: ${lastWords(program.log)}`);
  const lived = live(program, state, died);
  const end = (signal: NodeJS.Signals) => endOf(state, signal);
  const member: Member = {
    name,
    kind,
    get pid() {
      return state.current?.child.pid;
    },
    get ready() {
      return state.current?.was_ready ?? false;
    },
    get lives() {
      return state.lives;
    },
    kill: async () => {
      await end("SIGKILL");
      const from = performance.now();
      await state.ready.promise;
      return state.stopping ? Number.POSITIVE_INFINITY : performance.now() - from;
    },
    freeze: () => void state.current?.child.kill("SIGSTOP"),
    thaw: () => void state.current?.child.kill("SIGCONT"),
    restart: () => end("SIGTERM"),
  };
  const stop = async (grace_ms = GRACE_MS) => {
    state.stopping = true;
    member.thaw();
    state.current?.child.kill("SIGTERM");
    const cut_short = setTimeout(() => state.current?.child.kill("SIGKILL"), grace_ms);
    await lived;
    clearTimeout(cut_short);
    // Whoever still waits for it waits for nothing.
    state.ready.resolve();
  };
  return { member, ready: first_ready, stop };
}

/** One life after the other, until it is stopped. */
async function live(program: Program, state: State, died: (why: string) => void): Promise<void> {
  let wait_ms = FIRST_WAIT_MS;
  while (!state.stopping) {
    const life = begin(program, state, died);
    await life.over;
    wait_ms = life.was_ready ? FIRST_WAIT_MS : Math.min(2 * wait_ms, LONGEST_WAIT_MS);
    if (!state.stopping) await delay(wait_ms);
  }
}

function begin(program: Program, state: State, died: (why: string) => void): Life {
  const { child, ready, ended } = startProcess(program);
  state.lives += 1;
  const life: Life = { child, was_ready: false, sentenced: false, over: Promise.resolve() };
  state.current = life;
  void ready.then(() => {
    if (state.current !== life) return;
    life.was_ready = true;
    state.ready.resolve();
  });
  life.over = ended.then((why) => {
    state.current = undefined;
    if (life.was_ready) state.ready = Promise.withResolvers();
    if (!life.sentenced && !state.stopping) died(why);
  });
  return life;
}

/** Gives how many milliseconds it took to end. */
async function endOf({ current }: State, signal: NodeJS.Signals): Promise<number> {
  const from = performance.now();
  if (current === undefined) return 0;
  current.sentenced = true;
  current.child.kill(signal);
  await current.over;
  return performance.now() - from;
}
