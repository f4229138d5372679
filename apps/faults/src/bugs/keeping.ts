/** Seeded bugs in what is written together, counted and shown to whom. */
import type { Bug } from "./bug.ts";

const APPLY = "packages/db/src/sql/apply.sql";

export const KEEPING: readonly Bug[] = [
  {
    name: "outbox after commit",
    mistake: "The ticket is written down once the change is committed.",
    edits: [
      {
        file: APPLY,
        find: `  insert into outbox (id, task_id, stage, visit, dispatch, bundle, not_before)
  select outbox_id, id, stage, visit, dispatch, bundle, due_at from moved where outbox_id is not null`,
        replace: "  select 1",
      },
      {
        file: "packages/db/src/apply.ts",
        find: "  const answers = changes.map((): Applied | null => null);\n",
        replace: `  for (const row of moved.filter((one) => one.outbox_id !== null)) {
    await db.run(
      { name: "late_outbox", text: "insert into outbox (id, task_id, stage, visit, dispatch, bundle, not_before) values ($1, $2, $3, $4, $5, $6, $7)" },
      [row.outbox_id, row.id, row.stage, row.visit, row.dispatch, row.bundle, row.due_at],
    );
  }
  const answers = changes.map((): Applied | null => null);\n`,
      },
    ],
    scenario: "late",
    breaks: ["outbox = events"],
  },
  {
    name: "relay by last id",
    mistake: "The relay goes on behind the highest number that it has sent.",
    edits: [
      {
        file: "packages/db/src/outbox.ts",
        find: ".where(sql`${outbox.not_before} <= now()",
        replace: ".where(sql`${outbox.id} > ${last_sent} and ${outbox.not_before} <= now()",
      },
      { file: "packages/db/src/outbox.ts", find: ".orderBy(outbox.not_before)", replace: ".orderBy(outbox.id)" },
      {
        file: "packages/db/src/outbox.ts",
        find: "  return rows.map(({ id, task_id,",
        replace: "  last_sent = rows.at(-1)?.id ?? last_sent;\n  return rows.map(({ id, task_id,",
      },
      {
        file: "packages/db/src/outbox.ts",
        find: "const FAST_PATH_MS = 1_000;",
        replace: "const FAST_PATH_MS = 1_000;\nlet last_sent = 0;",
      },
    ],
    scenario: "retries",
    breaks: ["outbox = events"],
  },
  {
    name: "idempotency outside the transaction",
    mistake: "The answer is kept in a transaction of its own, after that of the change.",
    edits: [
      {
        file: "packages/pipeline/src/once.ts",
        find: "    return await inTransaction(line, async (tx) => {",
        replace: "    const done = await inTransaction(line, async (tx) => {",
      },
      {
        file: "packages/pipeline/src/once.ts",
        find: "      await keepAnswer(tx.db, request, { ...answer.value, request_hash: request.request_hash });\n",
        replace: "",
      },
      {
        file: "packages/pipeline/src/once.ts",
        find: "      return ok({ ...answer.value, replayed: false });\n    });\n",
        replace: `      return ok({ ...answer.value, replayed: false });
    });
    if (!done.ok || done.value.replayed) return done;
    const { status, body } = done.value;
    await keepAnswer(line.db, request, { status, body, request_hash: request.request_hash });
    return done;\n`,
      },
    ],
    scenario: "lost-commits",
    breaks: ["nothing without an invoke", "repeated requests have one effect and one answer"],
  },
  {
    name: "loop counter off by one",
    mistake: "A task is sent back once more than it may be.",
    edits: [
      {
        file: "packages/domain/src/decide.ts",
        find: "return task.rejections >= task.limits.rejections;",
        replace: "return task.rejections > task.limits.rejections;",
      },
    ],
    scenario: "late",
    breaks: ["limits hold"],
  },
  {
    name: "limit checked without reservation",
    mistake: "Whether there is room is looked at by each claim for itself, without the lock.",
    edits: [
      {
        file: "packages/db/src/claim.ts",
        find: "  const rows = await db.run<Claimed>(CLAIM_BEST, [JSON.stringify([{ i: 0, ...claim }]), false]);",
        replace: "  const rows = await db.run<Claimed>(CLAIM_BEST, [JSON.stringify([{ i: 0, ...claim }]), true]);",
      },
    ],
    scenario: "crowd",
    breaks: ["limits hold"],
  },
  {
    name: "workspace filter missing on one route",
    mistake: "A run is found by its id alone.",
    edits: [
      {
        file: "packages/pipeline/src/look.ts",
        find: "  const row = await findRun(line.db, who.workspace_id, id);\n",
        replace:
          '  const [row = null] = await line.db.run<never>({ name: "any_run", text: "select * from runs where id = $1" }, [id]);\n',
      },
    ],
    scenario: "authority",
    breaks: ["nothing is known to another workspace"],
  },
];
