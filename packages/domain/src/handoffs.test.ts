/** Handoffs follow from the log of a task: what each command makes of the open one, and what holds whatever is commanded. */
import { expect, test } from "vitest";
import { type Command, decide } from "./decide.ts";
import { replay, submitted } from "./events.ts";
import { type Handoff, handoffsOf, isOpen, type PacketMark, type StoredEvent } from "./handoffs.ts";
import { COMMANDS, NOW } from "./testing/index.ts";
import { inEveryLife, type Life } from "./testing/lives.ts";

const RESULTS = ["passed", "rejected", "advanced", "sent_back"];

/** The log as it is stored, with a packet for each result. `named`: the events say which. */
function stored(log: readonly Omit<StoredEvent, "actor">[], named: boolean) {
  const packets: PacketMark[] = [];
  const events = log.map((event) => {
    if (!RESULTS.includes(event.type)) return { ...event, actor: "somebody" };
    const version = packets.filter(({ phase }) => phase === event.from_stage).length + 1;
    const id = `${event.from_stage} ${version}`;
    const rejected = event.type === "rejected" || event.type === "sent_back";
    packets.push({ id, phase: event.from_stage, version, rejection_reason: rejected ? `why ${id}` : null });
    return { ...event, actor: "somebody", data: named ? { ...event.data, packet: { id } } : event.data };
  });
  return { events, packets };
}

const LIMITS = { rejections: 2, attempts: 2, crashes: 2 };
const STEP_MS = 1_000_000;

type Said = Exclude<keyof typeof COMMANDS, "set_stage">;

/** The handoffs after these commands, each said by its rightful caller, one step after the other from 0 on. */
function after(...said: (Said | "set_stage")[]): Handoff[] {
  const first = submitted("task", LIMITS, false, NOW);
  const log = [{ ...first, visit: 1 }];
  let task = replay([first]);
  for (const [i, name] of said.entries()) {
    const held = { lease_id: task.lease?.id ?? "", epoch: task.epoch };
    const given = COMMANDS[name];
    const command = { ...given, ...("epoch" in given && held), ...(name === "claim" && { lease_id: `lease ${i}` }) };
    // A holder is in time, a rescuer comes when the lease is over.
    const now = "epoch" in given ? (log.at(-1)?.at ?? 0) + 1 : NOW + (i + 1) * STEP_MS;
    const decision = decide(task, command as Command, now);
    if (!decision.ok) throw new Error(`${name}: ${decision.refusal.detail}`);
    task = decision.task;
    log.push({ ...decision.event, visit: task.visit });
  }
  const { events, packets } = stored(log, true);
  return handoffsOf(events, packets);
}

const shortly = ({ id, from_stage, to_stage, kind, state }: Handoff) =>
  `${id}: ${from_stage} ${kind} to ${to_stage}, ${state}`;

test("a task that has left no packet has no handoff", () => {
  expect(after()).toEqual([]);
  expect(after("claim", "release", "claim", "expire")).toEqual([]);
});

test("a pass offers the packet to the next stage, under the packet's own id", () => {
  expect(after("claim", "pass")).toEqual([
    {
      ...{ id: "dev 1", task_id: "task", packet_id: "dev 1", from_stage: "dev", to_stage: "qa", kind: "forward" },
      ...{ visit: 1, state: "offered", offered_at: NOW + STEP_MS + 1, accepted_at: null, accepted_by: null },
      ...{ lease_id: null, ended_at: null, reason: null },
    },
  ]);
});

test("the next claim accepts it, that stage's pass completes it and offers the next", () => {
  expect(after("claim", "pass", "claim")).toMatchObject([
    { state: "accepted", accepted_by: "agent", lease_id: "lease 2", accepted_at: NOW + 3 * STEP_MS, ended_at: null },
  ]);
  const [first, second] = after("claim", "pass", "claim", "pass");
  expect(first).toMatchObject({ state: "completed", lease_id: "lease 2", ended_at: second?.offered_at, reason: null });
  expect(second).toMatchObject({ id: "qa 1", to_stage: "sec", state: "offered" });
});

test("a rejection fails it with the packet's reason and offers its own packet back to dev, in a new visit", () => {
  const [first, second] = after("claim", "pass", "claim", "reject");
  expect(first).toMatchObject({ state: "failed", reason: "why qa 1", visit: 1, lease_id: "lease 2" });
  expect(second).toMatchObject({ id: "qa 1", kind: "back", to_stage: "dev", visit: 2, state: "offered" });
});

test("dev answers a rejection like any other handoff", () => {
  const handoffs = after("claim", "pass", "claim", "reject", "claim", "pass");
  expect(handoffs.map(shortly)).toEqual([
    "dev 1: dev forward to qa, failed",
    "qa 1: qa back to dev, completed",
    "dev 2: dev forward to qa, offered",
  ]);
});

test("dev that rejects its own work hands it back to itself", () => {
  expect(after("claim", "reject", "claim", "reject").map(shortly)).toEqual([
    "dev 1: dev back to dev, failed",
    "dev 2: dev back to dev, offered",
  ]);
});

test("what comes out of docs is taken by the line at once", () => {
  const line = ["claim", "pass", "claim", "pass", "claim", "pass", "claim", "pass"] as const;
  const last = after(...line).at(-1);
  expect(last).toMatchObject({ from_stage: "docs", to_stage: "complete", state: "completed", accepted_by: "baton" });
  expect(last?.ended_at).toBe(last?.offered_at);
  expect(after(...line).filter(isOpen)).toEqual([]);
});

test.each([
  ["a release", ["release"]],
  ["a technical failure", ["fail"]],
  ["a crash", ["expire"]],
  ["a block", ["block"]],
  ["a block that is over", ["block", "unblock"]],
] as const)("%s leaves it accepted", (_, said) => {
  expect(after("claim", "pass", "claim", ...said)).toMatchObject([{ state: "accepted", lease_id: "lease 2" }]);
});

test.each(["release", "fail", "expire"] as const)("a claim after %s goes on with it under the new lease", (name) => {
  expect(after("claim", "pass", "claim", name, "claim")).toMatchObject([
    { state: "accepted", lease_id: "lease 4", accepted_at: NOW + 3 * STEP_MS },
  ]);
});

test("an operator's advance accepts and completes it, with or without an agent before", () => {
  const [first, second] = after("claim", "pass", "advance");
  expect(first).toMatchObject({ state: "completed", accepted_by: "somebody", lease_id: null });
  expect(first?.accepted_at).toBe(first?.ended_at);
  expect(second).toMatchObject({ id: "qa 1", to_stage: "sec", kind: "forward", state: "offered" });
  expect(after("claim", "pass", "claim", "release", "advance")[0]).toMatchObject({
    ...{ state: "completed", accepted_by: "agent", lease_id: "lease 2" },
  });
});

test.each([
  ["send_back", "sent back by somebody: not yet"],
  ["set_stage", "set to sec by somebody"],
  ["cancel", "the task was cancelled: not wanted"],
] as const)("an operator's %s ends it as failed and says so", (name, reason) => {
  expect(after("claim", "pass", name)[0]).toMatchObject({ state: "failed", reason, accepted_at: null });
  expect(after("claim", "pass", "claim", "release", name)[0]).toMatchObject({ state: "failed", reason });
});

test("a send_back offers its packet to dev; set_stage, cancel and reopen offer nothing", () => {
  expect(after("claim", "pass", "send_back").at(-1)).toMatchObject({ kind: "back", to_stage: "dev", state: "offered" });
  expect(after("claim", "pass", "set_stage").filter(isOpen)).toEqual([]);
  expect(after("claim", "pass", "set_stage", "claim").filter(isOpen)).toEqual([]);
  expect(after("claim", "pass", "cancel", "reopen").map(shortly)).toEqual(["dev 1: dev forward to qa, failed"]);
  expect(after("claim", "pass", "cancel", "reopen", "claim", "pass").map(shortly)).toEqual([
    "dev 1: dev forward to qa, failed",
    "qa 1: qa forward to sec, offered",
  ]);
});

test.each([
  ["failures", ["fail", "claim", "fail"], "the task failed: no"],
  ["crashes", ["expire", "claim", "expire"], "the task failed: its crashes are used up"],
] as const)("a task that fails of its %s fails its handoff", (_, said, reason) => {
  expect(after("claim", "pass", "claim", ...said)).toMatchObject([{ state: "failed", reason }]);
});

test("a rejection past the limit is offered to nobody", () => {
  const handoffs = after("claim", "reject", "claim", "reject", "claim", "reject");
  expect(handoffs.at(-1)).toMatchObject({
    ...{ id: "dev 3", state: "failed", accepted_at: null, reason: "the task failed: its loop-backs are used up" },
  });
  expect(handoffs.filter(isOpen)).toEqual([]);
});

test("events of before the ledger name no packet: the order of the stage's packets says which", () => {
  inEveryLife((life) => {
    const old = stored(wholeLog(life), false);
    const now = stored(wholeLog(life), true);
    expect(handoffsOf(old.events, old.packets)).toEqual(handoffsOf(now.events, now.packets.toReversed()));
  });
});

test("in every life at most one handoff is open: the newest, exactly while its packet has not been answered", () => {
  inEveryLife((life) => {
    for (const { events, handoffs, packets } of moments(life)) {
      expect(handoffs.map(({ id }) => id)).toEqual(packets.map(({ id }) => id));
      expect(new Set(handoffs.map(({ id }) => id)).size).toBe(handoffs.length);
      const since = events.slice(events.findLastIndex(({ type }) => RESULTS.includes(type)));
      const ends = ({ type, to_state }: StoredEvent) =>
        type === "stage_set" || ["completed", "failed", "cancelled"].includes(to_state);
      const waits = packets.length > 0 && !since.some(ends);
      expect(handoffs.filter(isOpen)).toEqual(waits ? handoffs.slice(-1) : []);
    }
  });
});

const LEGAL = ["none>offered", "none>completed", "none>failed", "offered>offered", "accepted>accepted"];
LEGAL.push("offered>accepted", "accepted>completed", "accepted>failed", "offered>failed");
LEGAL.push("completed>completed", "failed>failed");

test("in every life a handoff only ever moves on, and what has ended stays as it is", () => {
  inEveryLife((life) => {
    let before: Handoff[] = [];
    for (const { event, handoffs } of moments(life)) {
      // The one step without a lease accepts and completes.
      const legal = event.type === "advanced" ? [...LEGAL, "offered>completed"] : LEGAL;
      expect(legal).toEqual(
        expect.arrayContaining(handoffs.map(({ state }, i) => `${before[i]?.state ?? "none"}>${state}`)),
      );
      const ended = before.filter((handoff) => !isOpen(handoff));
      expect(handoffs).toEqual(expect.arrayContaining(ended));
      before = handoffs;
    }
  });
});

const set = (value: unknown) => value !== null;

test("in every life a handoff has what its state says: who took it, when it ended, why it failed", () => {
  inEveryLife((life) => {
    for (const handoff of moments(life).flatMap(({ handoffs }) => handoffs)) {
      expect(set(handoff.accepted_at)).toBe(set(handoff.accepted_by));
      expect(set(handoff.accepted_at)).toBe(
        { offered: false, accepted: true, completed: true, failed: set(handoff.accepted_by) }[handoff.state],
      );
      expect(set(handoff.ended_at)).toBe(!isOpen(handoff));
      expect(set(handoff.reason)).toBe(handoff.state === "failed");
    }
  });
});

test("in every life the open handoff leads to where the task stands, in its visit", () => {
  inEveryLife((life) => {
    for (const { event, handoffs } of moments(life)) {
      const led = handoffs.filter(isOpen).map(({ to_stage, visit }) => ({ to_stage, visit }));
      expect([[], [{ to_stage: event.to_stage, visit: event.visit }]]).toContainEqual(led);
    }
  });
});

/** The handoffs as they were after each event. */
function moments(life: Life) {
  const log = wholeLog(life);
  return log.map((event, i) => {
    const { events, packets } = stored(log.slice(0, i + 1), true);
    return { event, events, packets, handoffs: handoffsOf(events, packets) };
  });
}

function wholeLog({ log, moves }: Life) {
  const visits = [1, ...moves.map(({ task }) => task.visit)];
  return log.map((event, i) => ({ ...event, visit: visits[i] ?? 0 }));
}
