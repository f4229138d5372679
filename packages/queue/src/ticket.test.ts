/** Tickets as jobs and back. */
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { byStage, jobOf, type Ticket, ticketId, ticketOf } from "./ticket.ts";

const TICKET: Ticket = {
  stage: "qa",
  task_id: "0199b1a2-7c3d-7e4f-8a5b-6c7d8e9f0a1b",
  run_id: "0199b1a2-0000-7000-8000-000000000001",
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
    const { id, data } = jobOf(ticket);
    expect(ticketOf({ id, data: JSON.parse(data) })).toEqual(ticket);
  }
});

test("no field of a job is longer than the 64 bytes up to which Redis stores it compactly", () => {
  const { name, data, opts } = jobOf({ ...TICKET, visit: 999_999 });
  for (const field of [name, data, JSON.stringify(opts)]) expect(field.length).toBeLessThanOrEqual(64);
});

test("a job holds ids and numbers and nothing else", () => {
  expect(JSON.parse(jobOf(TICKET).data)).toEqual({ run_id: TICKET.run_id });
  expect(jobOf(TICKET).name).toBe("v2");
});

test("what is not a ticket of ours is not taken for one", () => {
  const { id, data } = jobOf(TICKET);
  const good = JSON.parse(data) as unknown;
  const strange = [
    { id: "17", data: good },
    { id: undefined, data: good },
    { id: id.replace("_qa_", "_prod_"), data: good },
    { id: `${id}_1`, data: good },
    { id, data: {} },
    { id, data: null },
    { id, data: { run_id: "x" } },
    { id, data: { run_id: 5 } },
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
