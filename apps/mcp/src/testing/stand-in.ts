/** Stand-ins for agents' programs: what their set-up commands are given, read out as the server to connect to. The programs themselves are not installed. */
import { execFile } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { getDefaultEnvironment } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));

export type SetUp =
  | { command: string; args: string[]; env: Record<string, string> }
  | { url: string; headers: Record<string, string> };

export interface Machine {
  env: Record<string, string>;
  /** What a shell gives to the program that the line calls. */
  words(line: string): Promise<string[]>;
}

/** A home in which Baton lies in `~/baton`, and programs that tell what they were called with. */
export async function machine(token: string): Promise<Machine> {
  const home = await mkdtemp(join(tmpdir(), "baton-home-"));
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  await symlink(ROOT, join(home, "baton"));
  await mkdir(join(home, "bin"));
  for (const name of ["claude", "codex", "goose"]) {
    const file = join(home, "bin", name);
    await writeFile(file, "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
    await chmod(file, 0o755);
  }
  const defaults = getDefaultEnvironment();
  const PATH = [join(home, "bin"), defaults.PATH].join(delimiter);
  const env = { ...defaults, HOME: home, PATH, BATON_TOKEN: token };
  const words = async (line: string) => {
    const { stdout } = await promisify(execFile)("sh", ["-c", line], { env });
    return stdout.trimEnd().split("\n");
  };
  return { env, words };
}

/** What `claude mcp add`, `codex mcp add` and `goose session` make of their words. */
export function setUpOf(words: readonly string[], { env }: Machine): SetUp {
  const after = (flag: string) => words[words.indexOf(flag) + 1] ?? "";
  const started = ([command = "", ...args]: readonly string[], own: readonly string[]) => ({
    ...{ command, args },
    env: { ...env, BATON_TOKEN: "", ...assigned(own) },
  });
  if (words.includes("--with-extension")) {
    const parts = after("--with-extension").split(" ");
    return started(
      parts.filter((part) => !ASSIGNMENT.test(part)),
      parts,
    );
  }
  if (words.includes("--")) return started(words.slice(words.indexOf("--") + 1), [after("--env")]);
  const url = words.find((word) => word.startsWith("http://")) ?? "";
  if (words.includes("--bearer-token-env-var")) {
    return { url, headers: { authorization: `Bearer ${env[after("--bearer-token-env-var")]}` } };
  }
  const [name = "", value = ""] = after("--header").split(": ");
  return { url, headers: { [name]: value } };
}

const ASSIGNMENT = /^(\w+)=(.*)$/;

function assigned(parts: readonly string[]): Record<string, string> {
  const pairs = parts.map((part) => ASSIGNMENT.exec(part)).filter((match) => match !== null);
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value]));
}
