/** Claims where a project has a limit. That none goes over it, the pipeline's tests say. */
import { expect, test } from "vitest";
import { claimLimitedTicket, claimTickets, type TicketClaim } from "./claim.ts";
import { newId } from "./ids.ts";
import { sql, submitted, testDatabase } from "./testing/line.ts";

function ticket(task_id: string): TicketClaim {
  return { task_id, stage: "dev", lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" };
}

test("a ticket that finds nothing is told of tasks that a limit may hold back, and only of those", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, `update projects set capacity = '{"total": 1}'`);
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual(["limited"]);
  expect(await claimLimitedTicket(open.db, ticket(row.id))).toMatchObject({ id: row.id });
  await sql(open.db, "update projects set capacity = null");
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual([null]);
});
