/** Tests' view of processes: which there are, and a folder whose programs must all be gone when the test is over. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Program } from "../program.ts";

export function testProgram(name: string): Program {
  const path = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  return { name, path, environment: {}, leftovers: "killed" };
}

export function testFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** The programs write their pid, or that of one they started, into their URL. */
export function pidIn(url: string | undefined): number {
  return Number(url?.split("/").at(-1));
}

/** A zombie is gone, only nobody has asked for its end yet. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/** Every line of a kind ("pid", "ended") that the programs have written to their logs, with its number. */
export function numbersInLogs(log_folder: string, kind: string): Map<string, number[]> {
  const files = readdirSync(log_folder).map((file): [string, number[]] => {
    const lines = readFileSync(join(log_folder, file), "utf8").split("\n");
    const numbers = lines.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.split(" ")[1]));
    return [file.replace(".log", ""), numbers];
  });
  return new Map(files);
}
