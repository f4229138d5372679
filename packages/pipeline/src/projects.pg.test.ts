/** Projects that are changed by several people at the same moment. */
import { expect, test } from "vitest";
import { updateProject } from "./index.ts";
import { testLine, testProject } from "./testing/index.ts";
import { countOf, HINDERED, sql, valueOf } from "./testing/verbs.ts";

test("what follows from a project's settings follows from them however changes come together", async () => {
  const open = await testLine();
  const id = await testProject(open);
  const change = (given: object) => updateProject(open.line, open.admin, { id, ...given });
  const changed = await open.db.transaction(async (tx) => {
    await tx.run({ name: "lock", text: "select id from projects for no key update" }, []);
    const commands = { dev: { run: "true", timeout_s: 60 } };
    const first = change({ repository_url: "/repository", settings: { commands, concurrency: { total: 2 } } });
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    const second = change({ name: "another" });
    await expect.poll(() => countOf(open, HINDERED)).toBe(2);
    return { both: Promise.all([first, second]) };
  });
  for (const answer of await changed.both) valueOf(answer);
  const [row] = await sql(open, "select name, hosted, capacity from projects");
  expect(row).toMatchObject({ name: "another", hosted: expect.arrayContaining(["dev"]), capacity: { total: 2 } });
});
