/** One worker process, seen from the bench. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { inherited } from "../env.ts";
import type { Reports } from "./ledger.ts";
import { type FromBench, FromMember, type Note, type Order, type Used } from "./messages.ts";

const PROGRAM = fileURLToPath(new URL("./member-main.ts", import.meta.url));

export interface Member {
  used(): Promise<Used>;
  /** From now on it is noted when the work of each stage begins and ends. */
  note(): void;
  /** What was noted since then. */
  noted(): Promise<Note[]>;
  stop(): Promise<void>;
}

/** Resolves when it is ready. */
export async function startMember(order: Order, reports: Reports): Promise<Member> {
  const child = fork(PROGRAM, [JSON.stringify(order)], { env: inherited, execArgv: [] });
  let asked_to_end = false;
  child.once("exit", (code) => {
    if (!asked_to_end) reports.died(code);
  });
  const heard = listen(child, reports);
  await heard.ready;
  return {
    used: () => heard.used(),
    note: () => say(child, "note"),
    noted: () => heard.noted(),
    stop: async () => {
      asked_to_end = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      say(child, "stop");
      await gone;
    },
  };
}

function listen(child: ChildProcess, reports: Reports) {
  const ready = Promise.withResolvers<void>();
  const [used, noted] = [answersOf<Used>(child, "used?"), answersOf<Note[]>(child, "noted?")];
  child.once("exit", () => ready.reject(new Error("a worker process ended before it was ready")));
  child.on("message", (message) => {
    const heard = FromMember.parse(message);
    switch (heard.type) {
      case "ready":
        return ready.resolve();
      case "finished":
        return reports.finished(heard.tasks);
      case "used":
        return used.answer(heard.used);
      case "noted":
        return noted.answer(heard.notes);
      case "trouble":
        return reports.trouble(heard.message);
    }
  });
  return { ready: ready.promise, used: used.ask, noted: noted.ask };
}

/** Answers come in the order of the questions. A process that has ended answers none. */
function answersOf<T>(child: ChildProcess, question: FromBench) {
  let waiting: PromiseWithResolvers<T>[] = [];
  const fail = () => {
    for (const one of waiting) one.reject(new Error("a worker process has ended"));
    waiting = [];
  };
  child.once("exit", fail);
  return {
    ask: (): Promise<T> => {
      const one = Promise.withResolvers<T>();
      waiting.push(one);
      if (child.connected) say(child, question);
      else fail();
      return one.promise;
    },
    answer: (value: T) => waiting.shift()?.resolve(value),
  };
}

function say(child: ChildProcess, message: FromBench): void {
  child.send(message);
}
