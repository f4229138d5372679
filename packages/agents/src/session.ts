/** What a stage's command is heard to say while it runs and when it has ended: its last words, what it used, what it did and when. */
import type { Milestone, Usage } from "@baton/domain";
import type { LiveSession } from "./assignment.ts";
import type { CommandEnd } from "./command.ts";
import type { Told } from "./outputs/output-format.ts";
import { openOutputReader } from "./outputs/read-output.ts";
import { tailOf } from "./program-end.ts";

/** Everything that was said, in the form of `extractPacket`. */
export interface Session {
  /** In a format that we know; null where it only printed. */
  told: Told | null;
  final_text: string;
  usage: Usage;
  started_at: string;
  ended_at: string;
  milestones: Milestone[];
  exit_code: number | null;
}

export interface OpenSession extends LiveSession {
  line(text: string): void;
  end(end: CommandEnd): Session;
}

const SAID_MAX = 5_000;
const MILESTONES_MAX = 500;
const PROGRESS_MAX = 200;
/** A line by which a plain program may say how far it is. */
const MILESTONE = /^(?:milestone|progress)\s*:\s*(\S.*)$/i;

export function openSession(): OpenSession {
  const reader = openOutputReader();
  const started_at = new Date().toISOString();
  const milestones: Milestone[] = [];
  let printed: string | null = null;

  const line = (text: string) => {
    reader.line(text);
    const plain = MILESTONE.exec(text)?.[1];
    for (const done of [...reader.milestones(), ...(plain === undefined ? [] : [plain])]) {
      if (milestones.length < MILESTONES_MAX) milestones.push({ at: new Date().toISOString(), text: done });
      printed = done;
    }
    if (text.trim() !== "" && !text.startsWith("{")) printed = text;
  };

  return {
    line,
    usage: () => reader.told()?.usage ?? {},
    progress: () =>
      printed
        ?.toWellFormed()
        .replace(/[\p{Cc}\s]+/gu, " ")
        .trim()
        .slice(0, PROGRESS_MAX)
        .toWellFormed() || null,
    end: (end) => {
      const told = reader.told();
      return {
        told,
        final_text: told?.text || (told === null ? tailOf(end, SAID_MAX) : ""),
        usage: told?.usage ?? {},
        started_at,
        ended_at: new Date().toISOString(),
        milestones,
        exit_code: end.exit_code,
      };
    },
  };
}
