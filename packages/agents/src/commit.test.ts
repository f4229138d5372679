/** What of a worktree becomes a commit where git itself would leave something out. */
import { expect, test } from "vitest";
import { gitIn, makeAssignment, makeRepository, makeSurroundings, openFolder, run } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

async function dev(command: string) {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const assignment = makeAssignment({ repository, settings: run("dev", command) });
  return { repository, result: await workAttempt(assignment, makeSurroundings(folder)) };
}

const COMMIT = "-c user.name=Me -c user.email=me@x commit -qm inner";
const MAKE = `git init -q 'a tool' && cd 'a tool' && echo x > y && git add y && git ${COMMIT} && cd ..`;

test("files in a repository inside the worktree are not lost without a word", async () => {
  const reason = "a tool is a repository of its own, so its files cannot be committed: remove its .git";
  expect((await dev(MAKE)).result).toMatchObject({ outcome: "fail", fault: "task", message: reason });
  expect((await dev(`${MAKE}; git add -A; git ${COMMIT}`)).result).toMatchObject({ outcome: "fail", message: reason });
});

test("a submodule that the project declares is committed as one", async () => {
  const declare = `printf '[submodule "tool"]\\n\\tpath = a tool\\n\\turl = ../tool\\n' > .gitmodules`;
  const { repository, result } = await dev(`${MAKE}; ${declare}`);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  expect(gitIn(repository, "ls-tree", result.commit)).toContain("160000 commit");
});
