/** Completion scripts and help, as the real program prints them; the one for bash is tried in bash. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test, vi } from "vitest";
import { widthOf } from "../plain.ts";
import { batonAt } from "../testing/baton.ts";
import { TEST_MS } from "../testing/looking.ts";

vi.setConfig({ testTimeout: TEST_MS });

const baton = batonAt({ url: "http://127.0.0.1:9", token: "none" });
const main = join(import.meta.dirname, "../main.ts");

/** What bash offers for a line whose last word is being written, for many lines at once. */
async function offered(...lines: string[][]): Promise<string[][]> {
  const tries = lines.map((words) => {
    const typed = words.map((word) => `'${word}'`).join(" ");
    return `COMP_WORDS=(baton ${typed}); COMP_CWORD=${words.length}; _baton; echo "\${COMPREPLY[*]}"`;
  });
  const script = ['set -u; source <("$0" "$1" completion bash)', "complete -p baton >&2", ...tries].join("\n");
  const { stdout, stderr } = await promisify(execFile)("bash", ["-c", script, process.execPath, main]);
  expect(stderr).toBe("complete -o default -F _baton baton\n");
  return stdout
    .split("\n")
    .slice(0, -1)
    .map((line) => line.split(" ").filter((word) => word !== ""));
}

test("bash completes commands, options and what they can be given", async () => {
  const said = await offered(
    ...[["wa"], ["run", "p"], ["run", "create", "--pr"], ["run", "create", "--approval", ""]],
    ...[
      ["task", "advance", "0199a", "p"],
      ["queue", "--stage", "d"],
      ["run", "create", "--file", "x"],
      ["completion", ""],
      ["work", "--stage", ""],
      ["work", "--stage", "qa", "--stage", "d"],
    ],
  );
  expect(said).toEqual([
    ...[["watch"], ["pause"], ["--project", "--priority"], ["none", "required"]],
    ...[["pass"], ["dev", "docs"], [], ["bash", "zsh", "fish", "--help", "-h"]],
    ...[
      ["dev", "qa", "sec", "docs"],
      ["dev", "docs"],
    ],
  ]);
});

test("every command is in every script", async () => {
  const { out: help } = await baton.run("--help");
  const commands = [...help.matchAll(/^ {2}([a-z]+) /gm)].map(([, name]) => name);
  expect(commands).toContain("work");
  for (const shell of ["bash", "zsh", "fish"]) {
    const { code, out } = await baton.run("completion", shell);
    expect(code).toBe(0);
    for (const command of commands) expect(out).toMatch(new RegExp(`[ '"]${command}[ ":']`));
  }
});

test("a shell that is not known is refused", async () => {
  expect.hasAssertions();
  await baton.refused(64, /Allowed choices are bash, zsh, fish/, "completion", "tcsh");
});

test("the help fits a screen of 24 lines and 80 columns", async () => {
  const { code, out } = await baton.run("--help");
  expect(code).toBe(0);
  const lines = out.trimEnd().split("\n");
  // One line is left for the prompt.
  expect(lines.length).toBeLessThanOrEqual(23);
  expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
});

test("a command line that makes no sense ends with one line and 64", async () => {
  expect.hasAssertions();
  await baton.refused(64, /unknown command 'wacth'.*watch.*Next: see "baton --help"/, "wacth");
  await baton.refused(64, /unknown option '--jsn'/, "status", "--jsn");
  await baton.refused(64, /missing required argument 'run'\. Next: see/, "run", "show");
  await baton.refused(64, /too many arguments/, "status", "now");
});

test("a command that needs another one shows which there are", async () => {
  const { code, err } = await baton.run("run");
  expect(code).toBe(64);
  expect(err).toContain("approve");
});
