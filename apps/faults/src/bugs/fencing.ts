/** Seeded bugs in the fence: who may still write what, and by whose clock. */
import type { Bug } from "./bug.ts";

const APPLY = "packages/db/src/sql/apply.sql";

/** The guard of every change, as it should be. */
const GUARD = `    and task.epoch = change.epoch
    and task.seq = change.seq
    and case change.needs
          when 'lease' then task.lease_id = change.lease_id and task.lease_expires_at > now()
          when 'lease_over' then task.lease_expires_at <= now()
          else true
        end`;

/** Nothing keeps a holder's change out; the others are guarded as ever. */
const UNFENCED = `    and (change.needs = 'lease' or (task.epoch = change.epoch and task.seq = change.seq))
    and case change.needs when 'lease_over' then task.lease_expires_at <= now() else true end`;

const CHAIN = "events are whole and allowed";
const RESULTS = "one accepted result per visit";
const LEASES = "one lease per task and epoch";
const ORDER = "linearizable per task";
const STOPPED = "pause and kill hold";

export const FENCING: readonly Bug[] = [
  {
    name: "no epoch check",
    mistake: "A result is written for its task whoever holds it now.",
    edits: [{ file: APPLY, find: GUARD, replace: UNFENCED }],
    scenario: "late",
    breaks: [CHAIN, RESULTS, LEASES, ORDER],
  },
  {
    name: "epoch checked before only",
    mistake: "The lease is looked at before the writing statement, which trusts the look.",
    edits: [
      { file: APPLY, find: GUARD, replace: UNFENCED },
      {
        file: "packages/pipeline/src/held.ts",
        find: "  const { task: after, event } = decision;\n",
        replace: `  const seen = await findLease(line.db, held.row.workspace_id, held.lease.lease_id);
  if (seen === null || seen.task.lease_id !== held.lease.lease_id || seen.task.epoch !== held.lease.epoch) return LOST;
  const { task: after, event } = decision;\n`,
      },
    ],
    scenario: "stops",
    breaks: [CHAIN, RESULTS, LEASES, ORDER, STOPPED],
  },
  {
    name: "rescuer updates by id",
    mistake: "What was over when the rescuer looked is taken back, whatever has happened to it since.",
    edits: [
      {
        file: APPLY,
        find: GUARD,
        replace: `    and (change.needs = 'lease_over' or (task.epoch = change.epoch and task.seq = change.seq))
    and case change.needs when 'lease' then task.lease_id = change.lease_id and task.lease_expires_at > now() else true end`,
      },
    ],
    scenario: "late",
    breaks: [CHAIN, LEASES, ORDER],
  },
  {
    name: "ticket trusted without a claim",
    mistake: "Whoever gets a ticket works on its task, whether it is free or not.",
    edits: [
      {
        file: "packages/db/src/claim.ts",
        find: "  return answersTo(db, claims, false);\n",
        replace: `  const there = "where state in ('pending', 'running') and (select stage from tasks where tasks.id = task_id) =";
  const text = (stage: string) => CLAIM_TASK.text.replace("where owner_id = workspace_id and stands_at = seq and state = 'pending' and not held and due_at <= now() + interval '0.5 ms'", \`\${there} '\${stage}'\`);
  const trust = async (claim: TicketClaim) => {
    const statement = { name: \`trusted_\${claim.stage}\`, text: text(claim.stage) };
    const [trusted] = await db.run<Claimed>(statement, [JSON.stringify([{ i: 0, ...claim }]), false]);
    return trusted ? { ...trusted, context: null } : null;
  };
  return answersTo(db, claims, false).then((answers) =>
    Promise.all(answers.map((answer, i) => answer ?? trust(claims[i] as TicketClaim))),
  );\n`,
      },
    ],
    scenario: "late",
    breaks: [CHAIN, RESULTS, LEASES, ORDER],
  },
  {
    name: "worker's clock for expiry",
    mistake: "Whether a lease is over is asked of the clock of the process that asks.",
    edits: [
      { file: APPLY, find: "needs text, lease_id uuid,", replace: "needs text, clock timestamptz, lease_id uuid," },
      {
        file: APPLY,
        find: "task.lease_id = change.lease_id and task.lease_expires_at > now()",
        replace: "task.lease_id = change.lease_id and task.lease_expires_at > change.clock",
      },
      {
        file: APPLY,
        find: "when 'lease_over' then task.lease_expires_at <= now()",
        replace: "when 'lease_over' then task.lease_expires_at <= change.clock",
      },
      {
        file: "packages/db/src/apply.ts",
        find: "    i,\n    ...{ task_id",
        replace: "    i,\n    clock: new Date().toISOString(),\n    ...{ task_id",
      },
      {
        file: "packages/db/src/overdue.ts",
        find: "lte(tasks.lease_expires_at, sql`now()`)",
        replace: "lte(tasks.lease_expires_at, new Date())",
      },
    ],
    scenario: "clocks",
    breaks: [LEASES, ORDER],
  },
  {
    name: "kill not checked at complete",
    mistake: "A result counts although its task was cancelled while the agent worked.",
    edits: [
      {
        file: APPLY,
        find: GUARD,
        replace: `    and task.epoch = change.epoch
    and (task.seq = change.seq or (change.needs = 'lease' and task.state = 'cancelled'))
    and case change.needs
          when 'lease' then task.state = 'cancelled' or (task.lease_id = change.lease_id and task.lease_expires_at > now())
          when 'lease_over' then task.lease_expires_at <= now()
          else true
        end`,
      },
    ],
    scenario: "stops",
    breaks: [CHAIN, ORDER, STOPPED],
  },
];
