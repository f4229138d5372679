/** Reads a program's standard output in whatever known format it is. Which program it was is not asked: the lines tell. */
import { openClaudeReader } from "./claude.ts";
import { openCodexReader } from "./codex.ts";
import { openGooseReader } from "./goose.ts";
import type { FormatReader } from "./output-format.ts";

export function openOutputReader(): FormatReader {
  const readers = [openClaudeReader(), openCodexReader(), openGooseReader()];
  return {
    line: (text) => {
      for (const reader of readers) reader.line(text);
    },
    told: () => readers.map((reader) => reader.told()).find((told) => told !== null) ?? null,
    milestones: () => readers.flatMap((reader) => reader.milestones()),
  };
}
