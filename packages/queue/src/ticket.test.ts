/** Tickets as jobs and back. */
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { byStage, distinct, jobOf, restOf, type Ticket, tasksOf, ticketId, ticketOf } from "./ticket.ts";

const TICKET: Ticket = {
  stage: "qa",
  task_id: "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
  visit: 2,
  dispatch: 7,
};

test("a ticket's id names task, stage, visit and dispatch", () => {
  expect(ticketId(TICKET)).toBe("0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1b_qa_2_7");
});

test("an id has no colon and is not all digits, which BullMQ would refuse", () => {
  const digits = { ...TICKET, task_id: "00000000-0000-0000-0000-000000000000" };
  for (const stage of STAGES) expect(ticketId({ ...digits, stage })).toMatch(/^[^:]*[a-z][^:]*$/);
});

test("a ticket comes back from its job as it was", () => {
  for (const stage of STAGES) {
    const ticket = { ...TICKET, stage };
    expect(ticketOf(jobOf(ticket))).toEqual(ticket);
  }
});

test("a job holds nothing that its id does not say, so that a million of them may wait", () => {
  const { name, data, opts } = jobOf({ ...TICKET, visit: 999_999 });
  expect([name, data, opts]).toEqual(["v999999", "{}", {}]);
});

const BUNDLE_ID = "0199b1a2-7c3d-7e4f-8a5b-000000000001";
const BUNDLE: Ticket = { ...TICKET, visit: 1, dispatch: 1, bundle: BUNDLE_ID, stands_for: 7 };

test("a ticket that stands for several tasks has one id for all of them, and comes back with one of them", () => {
  const other = { ...BUNDLE, task_id: "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1c", visit: 3, dispatch: 9 };
  expect(ticketId(BUNDLE)).toBe("0199b1a2-7c3d-7e4f-8a5b-000000000001_qa");
  expect(ticketId(other)).toBe(ticketId(BUNDLE));
  expect(distinct([TICKET, BUNDLE, other])).toHaveLength(2);
  for (const stage of STAGES) expect(ticketOf(jobOf({ ...BUNDLE, stage }))).toEqual({ ...BUNDLE, stage });
});

test("a bundle stands for as many tasks as were counted, else for as many as there may be, and one's own ticket for one", () => {
  const { stands_for: _, ...uncounted } = BUNDLE;
  expect([TICKET, BUNDLE, uncounted].map(tasksOf)).toEqual([1, 7, 25]);
  expect(jobOf(uncounted).name).toBe(jobOf({ ...BUNDLE, stands_for: 25 }).name);
  const old = ticketOf({ id: ticketId(BUNDLE), name: BUNDLE.task_id });
  expect(old).toEqual({ ...BUNDLE, stands_for: 25 });
});

test("the look for the rest is another job, for so many tasks less", () => {
  const again = restOf(BUNDLE, 3);
  expect(ticketId(again)).not.toBe(ticketId(BUNDLE));
  expect({ ...again, bundle: BUNDLE.bundle }).toEqual({ ...BUNDLE, stands_for: 3, passed_on: true });
  expect([jobOf(BUNDLE).opts, jobOf(again).opts]).toEqual([{}, { lifo: true }]);
});

test("what is not a ticket of ours is not taken for one", () => {
  const { id } = jobOf(TICKET);
  const strange = [
    { id: "17" },
    { id: undefined },
    { id: id.replace("_qa_", "_prod_") },
    { id: `${id}_1` },
    { id: ticketId(BUNDLE), name: "x" },
    ...["0", "00", "26", "999"].map((count) => ({ id: ticketId(BUNDLE), name: `${BUNDLE.task_id}_${count}` })),
  ];
  for (const job of strange) expect(ticketOf(job), JSON.stringify(job)).toBeUndefined();
});

test("tickets are sorted by stage and keep their order", () => {
  const [one, two, other] = [TICKET, { ...TICKET, visit: 3 }, { ...TICKET, stage: "dev" as const }];
  expect(byStage([one, other, two])).toEqual([
    ["qa", [one, two]],
    ["dev", [other]],
  ]);
  expect(byStage([])).toEqual([]);
});
