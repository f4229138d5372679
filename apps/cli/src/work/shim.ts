/** Makes `baton` a program that agents find on their PATH, so that `baton done` works wherever they were started from. */
import { chmod, mkdir, rename, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Environment } from "@baton/agents";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The environment with the program in front. */
export async function withBaton(environment: Environment, data_dir: string): Promise<Environment> {
  const folder = join(data_dir, "bin");
  await mkdir(folder, { recursive: true });
  const path = join(folder, "baton");
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(MAIN)} "$@"\n`);
  await chmod(draft, 0o755);
  // Others may be starting it at this moment: it is there as a whole or not at all.
  await rename(draft, path);
  return { ...environment, PATH: [folder, environment["PATH"] ?? ""].filter((part) => part !== "").join(delimiter) };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
