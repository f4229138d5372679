/** The checksum of what was changed so far: new with every change, the same without one, and no reason to fail. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { changesSoFar } from "./changes-so-far.ts";
import { placesOf } from "./places.ts";
import { commitAll, gitIn, makeAssignment, makeRepository, makeSurroundings, openFolder, write } from "./testing.ts";

/** A worktree where that of the task lies. */
function begun() {
  const folder = openFolder();
  const repository = makeRepository(folder, { "a.txt": "one\n" });
  const assignment = makeAssignment({ repository });
  const around = makeSurroundings(folder);
  const { worktree } = placesOf(assignment, around.data_dir);
  mkdirSync(dirname(worktree), { recursive: true });
  gitIn(repository, "worktree", "add", "--detach", "--quiet", worktree);
  return { worktree, mark: () => changesSoFar(assignment, around) };
}

test("it stays while nothing is changed, and is another one after each change of any kind", async () => {
  const { worktree, mark } = begun();
  const marks = [await mark()];
  expect(await mark()).toBe(marks[0]);
  write(worktree, { "a.txt": "two\n" });
  marks.push(await mark());
  expect(await mark()).toBe(marks[1]);
  write(worktree, { "b/new.txt": "new\n" });
  marks.push(await mark());
  write(worktree, { "b/new.txt": "longer than new\n" });
  marks.push(await mark());
  commitAll(worktree, "Keep");
  marks.push(await mark());
  expect(new Set(marks).size).toBe(5);
  for (const one of marks) expect(one).toMatch(/^[0-9a-f]{64}$/);
});

test("without a worktree there is nothing to tell", async () => {
  const { worktree, mark } = begun();
  gitIn(worktree, "worktree", "remove", "--force", worktree);
  expect(await mark()).toBe(null);
});
