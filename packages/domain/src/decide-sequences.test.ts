/** Whatever is commanded in whatever order and however late, the promises of the line hold after each step. */
import { expect, test } from "vitest";
import { placeEdges, stateEdges } from "./edges.ts";
import { replay } from "./events.ts";
import { inEveryLife } from "./testing/lives.ts";

test("a log replays to the row", () => {
  inEveryLife(({ log, moves }) => {
    expect(replay(log)).toEqual(moves.at(-1)?.task ?? replay(log.slice(0, 1)));
  });
});

test("events are numbered without a gap, hang together, and join only what the database lets them join", () => {
  inEveryLife(({ log }) => {
    const [, ...later] = log;
    expect(log.map((event) => event.seq)).toEqual(log.map((_, i) => i + 1));
    expect(later.map((event) => [event.from_stage, event.from_state])).toEqual(
      log.slice(0, -1).map((event) => [event.to_stage, event.to_state]),
    );
    expect(stateEdges()).toEqual(expect.arrayContaining(log.map((event) => `${event.from_state}>${event.to_state}`)));
    expect(placeEdges()).toEqual(expect.arrayContaining(log.map((event) => `${event.from_stage}>${event.to_stage}`)));
  });
});

test("the epoch goes up by one with each claim and at no other time", () => {
  inEveryLife(({ moves }) => {
    for (const { before, event, task } of moves) {
      expect(task.epoch).toBe(before.epoch + (event.type === "claimed" ? 1 : 0));
    }
  });
});

test("a lease that is not the newest, or is over, changes nothing", () => {
  inEveryLife(({ taken }) => {
    const late = taken.filter(({ before, command, now }) => {
      if (!("epoch" in command)) return false;
      const newest = before.lease?.id === command.lease_id && before.epoch === command.epoch;
      return !newest || (before.lease?.expires_at ?? 0) <= now;
    });
    for (const { decision } of late) expect(decision).toMatchObject({ ok: false, refusal: { code: "lease_lost" } });
  });
});

test("a lease that is over is taken back only then, and a claim waits until the task is due", () => {
  inEveryLife(({ moves }) => {
    const rescues = moves.filter(({ event }) => event.type === "expired");
    for (const { before, now } of rescues) expect(before.lease?.expires_at).toBeLessThanOrEqual(now);
    const claims = moves.filter(({ event }) => event.type === "claimed");
    for (const { before, now } of claims) expect(before.due_at).toBeLessThanOrEqual(now);
  });
});

test("there is a lease while it runs, a reason while it is blocked, an end when it is completed", () => {
  inEveryLife(({ moves }) => {
    for (const { task } of moves) {
      expect(task.lease !== null).toBe(task.state === "running");
      expect(task.block !== null).toBe(task.state === "blocked");
      expect(task.stage === "complete").toBe(task.state === "completed");
    }
  });
});

test("no counter passes its limit, and who reaches one is a dead-letter", () => {
  inEveryLife(({ moves, limits }) => {
    for (const { task } of moves) {
      expect(task.failures).toBeLessThanOrEqual(limits.attempts);
      expect(task.crashes).toBeLessThanOrEqual(limits.crashes);
      expect(task.rejections).toBeLessThanOrEqual(limits.rejections + 1);
      const used_up = task.failures === limits.attempts || task.crashes === limits.crashes;
      expect(used_up && task.state !== "failed").toBe(false);
    }
  });
});

test("nobody is sent back more often than the limit says, until an admin reopens the task", () => {
  inEveryLife(({ moves, limits }) => {
    let sent_back = 0;
    for (const { event } of moves) {
      if (event.charged === "resets") sent_back = 0;
      if (event.charged === "loop_back" && event.to_state === "pending") sent_back += 1;
      expect(sent_back).toBeLessThanOrEqual(limits.rejections);
    }
  });
});

test("a visit begins with a loop-back or a set_stage and at no other time", () => {
  inEveryLife(({ moves }) => {
    for (const { before, event, task } of moves) {
      const begins = ["rejected", "sent_back", "stage_set"].includes(event.type);
      expect(task.visit).toBe(before.visit + (begins ? 1 : 0));
    }
  });
});

test("each stage of each visit has one result at most", () => {
  inEveryLife(({ moves }) => {
    const results = moves
      .filter(({ event }) => ["passed", "rejected", "advanced", "sent_back"].includes(event.type))
      .map(({ before }) => `${before.visit} ${before.stage}`);
    expect(new Set(results).size).toBe(results.length);
  });
});
