/** Each invariant holds for a good story, and tells of each way in which the same story is spoiled. */
import { describe, expect, test } from "vitest";
import { checkAll } from "./check.ts";
import { again, answered, answerOf, attempt, event, LOST, nth, onlyIts, REFUSED, refused } from "./testing/spoil.ts";
import { goodStory, RUN, type Story, T0, TASK_ID } from "./testing/story.ts";

const told = ({ calls, evidence }: Story) => [...new Set(checkAll(calls, evidence).map(({ invariant }) => invariant))];

test("a good story is told of in no way", () => {
  const { calls, evidence } = goodStory();
  expect(checkAll(calls, evidence)).toEqual([]);
});

type Spoil = (story: Story) => void;

const EXISTS = "every 201 exists and ends";
const ASKED = "nothing without an invoke";
const LEASES = "one lease per task and epoch";
const RESULT = "one accepted result per visit";
const STORED = "accepted results are stored as sent";
const ONCE = "repeated requests have one effect and one answer";
const CHAIN = "events are whole and allowed";
const ORDER = "linearizable per task";
const LIMITS = "limits hold";
const PACKET = "the next claim gets the last accepted packet";
const OUTBOX = "outbox = events";
const ARTIFACT = "every artifact re-hashes";

const SPOILS: [invariant: string, what: string, spoil: Spoil][] = [
  [EXISTS, "a run that was answered is gone", ({ evidence }) => evidence.runs.pop()],
  [EXISTS, "a task that was answered is gone", ({ evidence }) => evidence.lives.pop()],
  [EXISTS, "a task waits for ever", ({ life }) => Object.assign(life.task, { state: "pending", stage: "qa" })],
  [EXISTS, "a run never ends", ({ evidence }) => Object.assign(evidence.runs[0] ?? {}, { state: "active" })],
  [
    EXISTS,
    "a run waits for a person",
    ({ evidence }) => Object.assign(evidence.runs[0] ?? {}, { state: "ready_for_commit" }),
  ],
  [EXISTS, "a run was killed by nobody", ({ evidence }) => Object.assign(evidence.runs[0] ?? {}, { state: "killed" })],
  [
    EXISTS,
    "a kill was acknowledged and did nothing",
    ({ calls }) =>
      calls.push({
        ...{ id: "kill", actor: "person", invoked_at: 9_000, operation: { op: "kill", run_id: RUN, key: "kill" } },
        end: { type: "ok", at: 9_001, answer: {} },
      }),
  ],
  [
    ASKED,
    "a task is cancelled in a run that nobody killed",
    (story) => Object.assign(event(story, -1), { type: "cancelled" }),
  ],
  [ASKED, "a step of a person that nobody asked for", (story) => Object.assign(event(story, 4), { type: "advanced" })],
  [
    ASKED,
    "a task is parked and charged nothing",
    (story) => Object.assign(event(story, 2), { to_state: "failed", charged: "nothing" }),
  ],
  [
    ASKED,
    "a result that was sent otherwise, and its answer lost",
    ({ calls }) => {
      const call = nth(calls, "complete", 4);
      call.end = LOST;
      Object.assign(call.operation, { packet: "other" });
    },
  ],
  [
    ASKED,
    "a second run of one request",
    ({ evidence }) => evidence.runs.push({ ...evidence.runs[0], id: "run-2" } as never),
  ],
  [
    ASKED,
    "a run has more tasks than were asked for",
    ({ calls }) => Object.assign(nth(calls, "create_run", 0).operation, { tasks: 2 }),
  ],
  [ASKED, "a lease that nobody claimed", ({ calls }) => calls.splice(calls.indexOf(nth(calls, "claim", 2)), 1)],
  [ASKED, "a result that nobody sent", ({ calls }) => calls.splice(calls.indexOf(nth(calls, "complete", 2)), 1)],
  [ASKED, "a cancellation without a kill", (story) => Object.assign(attempt(story, 0), { outcome: "cancel" })],
  [
    ASKED,
    "an artifact that nobody put",
    ({ life }) => life.artifacts.push({ id: "a", lease_id: "lease-1", name: "n", checksum: "c" }),
  ],
  [
    LEASES,
    "one epoch is given twice",
    (story) => {
      const lease = answerOf(nth(story.calls, "claim", 1)).lease;
      const call = nth(story.calls, "claim", 2);
      Object.assign(answerOf(call), { lease: { ...lease, lease_id: "another" } });
    },
  ],
  [LEASES, "an epoch is left out", (story) => Object.assign(attempt(story, 2), { epoch: 9 })],
  [LEASES, "a lease that was given is not there", ({ life }) => life.attempts.pop()],
  [
    LEASES,
    "a lease is taken back while it lives",
    (story) => Object.assign(attempt(story, 0), { outcome: "expire", ended_at: new Date(T0 + 200) }),
  ],
  [
    LEASES,
    "a result counts after the lease was over",
    (story) => Object.assign(attempt(story, -1), { ended_at: new Date(T0 + 60_000) }),
  ],
  [LEASES, "two leases live at once", (story) => Object.assign(attempt(story, 0), { ended_at: new Date(T0 + 1_000) })],
  [
    LEASES,
    "a lease is open when the next begins",
    (story) => Object.assign(attempt(story, 0), { ended_at: null, outcome: null }),
  ],
  [
    RESULT,
    "two results of one visit are accepted",
    ({ calls }) => Object.assign(nth(calls, "complete", 2).operation, { stage: "dev", visit: 1 }),
  ],
  [
    RESULT,
    "two results of one visit are stored",
    (story) => Object.assign(attempt(story, 3), { stage: "dev", visit: 1 }),
  ],
  [RESULT, "a verdict under an epoch that is over", (story) => Object.assign(event(story, 4), { epoch: 1 })],
  [
    STORED,
    "a result is stored otherwise than it was sent",
    ({ life }) => Object.assign(life.packets[1] ?? {}, { hash: "other" }),
  ],
  [STORED, "an accepted result is not there", ({ life }) => life.packets.pop()],
  [
    STORED,
    "a result is answered otherwise than it is stored",
    ({ calls }) => Object.assign(answerOf(nth(calls, "complete", 0)), { verdict: "reject" }),
  ],
  [
    STORED,
    "a rejection is stored as a pass, and answered so",
    ({ calls }) => Object.assign(nth(calls, "complete", 0).operation, { result: "reject" }),
  ],
  [
    STORED,
    "a refused result is stored",
    ({ calls }) => Object.assign(nth(calls, "complete", 5), { end: refused(nth(calls, "complete", 5)) }),
  ],
  [STORED, "a finding of an accepted result is not there", ({ life }) => life.findings.pop()],
  [
    STORED,
    "an accepted result has cost something else",
    (story) => Object.assign(attempt(story, 1), { tokens_out: 7 }),
  ],
  [STORED, "only a finding of a refused result is stored", (story) => onlyIts("findings", story)],
  [STORED, "only the cost of a refused result is stored", (story) => onlyIts("costs", story)],
  [
    ONCE,
    "a request sent again is answered otherwise",
    (story) =>
      again(story, nth(story.calls, "complete", 1), (late) => ({
        type: "ok",
        at: late.invoked_at + 1,
        answer: { answer: "other" },
      })),
  ],
  [
    ONCE,
    "a run is made twice by one request",
    (story) =>
      again(story, nth(story.calls, "create_run", 0), (late) => ({
        type: "ok",
        at: late.invoked_at + 1,
        answer: { run_id: "run-2", answer: "other" },
      })),
  ],
  [
    ONCE,
    "a result was taken, its answer lost, and sent again it is refused",
    (story) => {
      const call = nth(story.calls, "complete", 4);
      again(story, call, refused);
      call.end = LOST;
    },
  ],
  [ONCE, "a verdict without its packet", (story) => Object.assign(event(story, 4).data, { packet: undefined })],
  [ONCE, "a key is kept for what was not done", (story) => Object.assign(attempt(story, 0), { outcome: "release" })],
  [ONCE, "a key is not kept for what was done", ({ evidence }) => evidence.keys.splice(2, 1)],
  [CHAIN, "an event is missing", ({ life }) => life.events.splice(3, 1)],
  [
    CHAIN,
    "an event does not begin where the one before ended",
    (story) => Object.assign(event(story, 3), { from_stage: "sec" }),
  ],
  [CHAIN, "an edge that is not allowed", (story) => Object.assign(event(story, -1), { type: "expired" })],
  [CHAIN, "a counter that the events do not make", ({ life }) => Object.assign(life.task, { rejections: 0 })],
  [CHAIN, "a ledger that does not hold", ({ life }) => Object.assign(life, { ledger: "changed" })],
  [ORDER, "a claim is given an epoch of before", ({ life }) => Object.assign(life.attempts[3] ?? {}, { epoch: 1 })],
  [
    ORDER,
    "a claim sent again finds nothing while its lease lives",
    (story) => {
      const claim = nth(story.calls, "claim", 1);
      const at = answered(claim) + 1;
      story.calls.push({ ...claim, id: "again", invoked_at: at, end: { type: "ok", at: at + 1, answer: {} } });
    },
  ],
  [
    ORDER,
    "a holder is refused while its lease lives",
    (story) => {
      const complete = nth(story.calls, "complete", 1);
      story.calls.splice(story.calls.indexOf(complete), 0, {
        ...complete,
        id: "refused",
        invoked_at: complete.invoked_at - 30,
        end: { ...REFUSED, at: complete.invoked_at - 20 },
      });
    },
  ],
  [
    LIMITS,
    "a task is sent back once more than it may be",
    ({ life }) => Object.assign(life.task, { max_rejections: 0 }),
  ],
  [LIMITS, "a task is parked before its limit", (story) => Object.assign(event(story, 2), { to_state: "failed" })],
  [
    LIMITS,
    "a project gives more leases at once than it may",
    ({ evidence }) => Object.assign(evidence, { capacities: new Map([["project", { total: 0 }]]) }),
  ],
  [
    PACKET,
    "a claim is given an older packet",
    ({ calls }) => Object.assign(answerOf(nth(calls, "claim", 4)).lease ?? {}, { packet_id: "packet-2" }),
  ],
  [
    PACKET,
    "a claim is given other contents",
    ({ calls }) => Object.assign(answerOf(nth(calls, "claim", 4)).lease ?? {}, { packet: "other" }),
  ],
  [
    OUTBOX,
    "an event was written without its ticket",
    ({ evidence }) => Object.assign(evidence.watched?.[4] ?? {}, { ticket: false }),
  ],
  [OUTBOX, "a ticket is left unsent", ({ evidence }) => evidence.unsent.push("qa ticket 2")],
  [OUTBOX, "a ready task is in no queue", ({ evidence }) => evidence.stranded?.push(TASK_ID)],
  [OUTBOX, "fewer tickets than events that leave one", ({ life }) => Object.assign(life.task, { dispatch: 2 })],
  [ARTIFACT, "a content is not what its name says", ({ evidence }) => evidence.damaged?.push("c is changed")],
];

describe("is told", () => {
  test.each(SPOILS)("%s: %s", (invariant, _what, spoil) => {
    const story = goodStory();
    spoil(story);
    expect(told(story)).toContain(invariant);
  });
});
