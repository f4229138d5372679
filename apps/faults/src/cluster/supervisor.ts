/** Keeps one member of the cluster alive: whenever it ends it is started again at once, its lives and its accidents are counted. */
import type { ChildProcess } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import type { Kind, Member } from "./cluster.ts";
import { descendantsOf, signalAll } from "./process-tree.ts";
import { lastWords, type Program, startProcess } from "./program.ts";

/** A member that ends before it was ready is given a little longer each time, never more than a second. */
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [50, 1_000];
const GRACE_MS = 15_000;
const GOOD_END = "exit code 0";

export interface KeptMember {
  member: Member;
  /** When it was ready for the first time. */
  ready: Promise<void>;
  /** Ends it for good: kindly at first. */
  stop(grace_ms?: number): Promise<void>;
  /** Ends it for good and at once, with all that it has started. */
  cutShort(): Promise<void>;
}

interface Life {
  child: ChildProcess;
  was_ready: boolean;
  /** The signals by which its end was asked for. */
  sentences: Set<string>;
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
  const cutShort = async () => {
    state.stopping = true;
    const { pid } = member;
    if (pid !== undefined) signalAll([...descendantsOf(pid), pid], "SIGKILL");
    await lived;
    state.ready.resolve();
  };
  return { member, ready: first_ready, stop, cutShort };
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
  const life: Life = { child, was_ready: false, sentences: new Set(), over: Promise.resolve() };
  state.current = life;
  void ready.then(() => {
    if (state.current !== life) return;
    life.was_ready = true;
    state.ready.resolve();
  });
  life.over = ended.then((why) => {
    state.current = undefined;
    if (life.was_ready) state.ready = Promise.withResolvers();
    if (!isMeant(life, why) && !state.stopping) died(why);
  });
  return life;
}

/** A process that is asked to go goes with code 0, or of the signal when it could not hear it yet; one that is killed just dies. */
function isMeant({ sentences, was_ready }: Life, why: string): boolean {
  if (why === GOOD_END) return sentences.size > 0;
  return sentences.has(why) && !(why === "SIGTERM" && was_ready);
}

/** Gives how many milliseconds it took to end. */
async function endOf({ current }: State, signal: NodeJS.Signals): Promise<number> {
  const from = performance.now();
  if (current === undefined) return 0;
  current.sentences.add(signal);
  current.child.kill(signal);
  await current.over;
  return performance.now() - from;
}
