/** Withdrawn tickets: what needs no answer any more must not stay in the queue, however early it is said. */
import { expect, test } from "vitest";
import { newestTicket } from "./newest-ticket.ts";
import { testLine } from "./testing/index.ts";
import { rowOf, submitted } from "./testing/verbs.ts";

test("a ticket that is withdrawn while it is still on its way does not stay in the queue", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  // The ticket was announced with the submit and is sent in the background.
  open.line.withdraw(newestTicket(await rowOf(open, id)));
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(0);
});

test("a ticket that is withdrawn at the moment it is announced does not stay in the queue", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await open.line.settle();
  const row = { ...(await rowOf(open, id)), dispatch: 7 };
  const [ticket] = newestTicket(row);
  if (ticket === undefined) throw new Error("a task in dev has a ticket");
  open.line.announce([{ row: null, ticket: { ...ticket, bundle: null, outbox_id: 0 } }]);
  open.line.withdraw([ticket]);
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(1);
});
