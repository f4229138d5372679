/** Files that an agent leaves in BATON_OUT/artifacts: each is given away while it is there, and nothing that is no plain file ever is. */
import { readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { FileKept, LeftFile } from "./assignment.ts";
import { makeAssignment, makeRepository, makeSurroundings, openFolder, run } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

type Keep = (file: LeftFile) => Promise<FileKept>;

/** One attempt of dev by this command; `kept` is what was given away, by name. */
async function left(command: string, answer: (file: LeftFile) => FileKept | Promise<FileKept> = () => "kept") {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const kept = new Map<string, string>();
  const keepFile: Keep = async (file) => {
    kept.set(file.name, await text(await file.open()));
    return answer(file);
  };
  const surroundings = { ...makeSurroundings(folder), keepFile };
  const settings = run("dev", `mkdir "$BATON_OUT/artifacts"; cd "$BATON_OUT/artifacts"; ${command}`);
  const result = await workAttempt(makeAssignment({ repository, settings }), surroundings);
  return { folder, kept, result, surroundings };
}

test("every file that was left is given away under its name, and nothing stays behind", async () => {
  const { kept, result, surroundings } = await left(`echo one > a.txt; printf '' > 'b c.json'; printf x > ümlaut`);
  expect(result.outcome).toBe("done");
  expect(Object.fromEntries(kept)).toEqual({ "a.txt": "one\n", "b c.json": "", ümlaut: "x" });
  expect(readdirSync(join(surroundings.data_dir, "attempts"))).toEqual([]);
});

test("an attempt that left nothing but a file has left something", async () => {
  expect((await left("echo 1 > a.txt")).result.outcome).toBe("done");
  expect((await left("true")).result).toMatchObject({ outcome: "fail", fault: "task" });
});

test("a link, a folder, a pipe or a bad name fails the attempt, and nothing of it is given away", async () => {
  const folder = openFolder();
  writeFileSync(join(folder, "secret"), "secret");
  const bad = [`ln -s ${folder}/secret a.txt`, "mkdir a", "mkfifo a", `touch "$(printf 'a\\nb')"`];
  for (const command of bad) {
    const { kept, result } = await left(`echo ok > ok.txt; ${command}`);
    expect(result, command).toMatchObject({
      outcome: "fail",
      fault: "task",
      message: expect.stringContaining("artifacts/"),
    });
    expect(kept.size).toBe(0);
  }
  const linked = await left(`cd ..; rmdir artifacts; ln -s ${folder} artifacts`);
  expect(linked.result).toMatchObject({
    outcome: "fail",
    message: expect.stringContaining("artifacts is not a folder"),
  });
});

test("more than a hundred files are too many", async () => {
  const { kept, result } = await left("for i in $(seq 101); do echo $i > $i; done");
  expect(result).toMatchObject({ outcome: "fail", message: expect.stringContaining("at most 100") });
  expect(kept.size).toBe(0);
});

test("a file that is replaced by a link after it was seen is not followed", async () => {
  const folder = openFolder();
  const secret = join(folder, "secret");
  writeFileSync(secret, "secret");
  const { kept, result } = await left("echo 1 > a; echo 2 > b", ({ name, path }) => {
    if (name !== "a") return "kept";
    rmSync(join(path, "../b"));
    symlinkSync(secret, join(path, "../b"));
    return "kept";
  }).catch((error: Error) => ({ kept: new Map<string, string>(), result: error }));
  expect(result).toBeInstanceOf(Error);
  expect([...kept.values()]).not.toContain("secret");
});

test("a file that is refused fails the attempt with the reason; a lost lease ends it", async () => {
  const refused = await left("echo 1 > a", () => ({ refused: "The file is larger than 5 bytes." }));
  expect(refused.result).toMatchObject({ outcome: "fail", message: expect.stringContaining("larger than 5 bytes") });
  expect((await left("echo 1 > a", () => "lost")).result).toEqual({ outcome: "stopped" });
});

test("a failed attempt gives nothing away", async () => {
  const { kept, result } = await left("echo 1 > a; exit 3");
  expect(result.outcome).toBe("fail");
  expect(kept.size).toBe(0);
});
