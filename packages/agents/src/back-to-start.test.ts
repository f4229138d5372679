/** The checks of a stage that only looks: they judge the commit, not what the stage's agent made of it. */
import type { Stage } from "@baton/domain";
import { expect, test } from "vitest";
import type { LeftFile } from "./assignment.ts";
import { makeAssignment, makeRepository, makeSurroundings, openFolder, run } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

const SAY = `echo '{"output_summary":"all is well","result":"pass"}' > "$BATON_OUT/handoff.json"`;
const FILES = { "app.txt": "bug\n", ".gitignore": "build\n", "folder/kept.txt": "kept\n" };

async function checkedAfter(stage: Stage, command: string, check: string) {
  const folder = openFolder();
  const repository = makeRepository(folder, FILES);
  const checks = stage === "qa" ? { test_command: check } : { check_commands: { [stage]: [check] } };
  const assignment = makeAssignment({ repository, stage, settings: { ...run(stage, command), ...checks } });
  const kept: string[] = [];
  const keepFile = async ({ name }: LeftFile) => {
    kept.push(name);
    return "kept" as const;
  };
  const result = await workAttempt(assignment, { ...makeSurroundings(folder), keepFile });
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  return { ...result, kept };
}

test("an agent of qa or sec that mends the bug in its worktree does not make the check pass", async () => {
  const mend = `echo fixed > app.txt; git add -A; git -c user.name=Me -c user.email=me@x commit -qm mend; ${SAY}`;
  for (const stage of ["qa", "sec"] as const) {
    const { checks, findings, packet } = await checkedAfter(stage, mend, "grep fixed app.txt");
    expect(checks).toMatchObject([{ exit_code: 1 }]);
    expect(findings).toMatchObject([{ kind: "bug", status: "open" }]);
    expect(packet.output_summary).toBe("all is well");
  }
});

test("the checks find the commit as it was: files, index and HEAD; what is ignored or installed stays, and so do files left to be kept", async () => {
  const edit = [
    "git checkout -q -b mine; echo more > new.txt; git add new.txt; rm app.txt; mkdir app.txt; touch app.txt/in",
    "rm -r folder; ln -s /tmp folder; git init -q other; touch other/file; git update-index --assume-unchanged .gitignore",
    "mkdir -p build node_modules/x; touch build/out node_modules/x/index.js",
    `mkdir "$BATON_OUT/artifacts"; touch "$BATON_OUT/artifacts/shot.png"`,
  ];
  const look = [
    "git status --porcelain --untracked-files=all -- . ':!node_modules'; git symbolic-ref HEAD",
    "cat app.txt folder/kept.txt; ls -A build node_modules/x; ls -d new.txt other",
  ];
  const { checks, kept } = await checkedAfter(
    "qa",
    [...edit, SAY].join("; "),
    `(${look.join("; ")}) 2>/dev/null; true`,
  );
  expect(checks[0]?.output).toBe("bug\nkept\nbuild:\nout\n\nnode_modules/x:\nindex.js");
  expect(kept).toEqual(["shot.png"]);
});

test("without a repository the check sees what the agent made in its folder", async () => {
  const folder = openFolder();
  const settings = { ...run("qa", `echo made > it.txt; ${SAY}`), test_command: "cat it.txt" };
  const { project, ...rest } = makeAssignment({ repository: "", stage: "qa", settings });
  const assignment = { ...rest, project: { ...project, repository_url: null } };
  expect(await workAttempt(assignment, makeSurroundings(folder))).toMatchObject({ checks: [{ exit_code: 0 }] });
});
