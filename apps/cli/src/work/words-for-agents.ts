/** What the line and people have to say to an agent at work: added to its file, and said here. A pause is also the beginning of an end. */
import { addWords, WIND_DOWN } from "@baton/agents";
import type { Directive } from "@baton/domain";
import type { HeldMessage } from "@baton/domain/api";
import type { Desk } from "./claim-next.ts";
import type { Cut } from "./hold.ts";

export async function tell(desk: Desk, file: string, { at, author, text }: HeldMessage): Promise<void> {
  desk.say({ event: "message", author, text });
  await write(desk, file, at, author, text);
}

/** The agent's files may be gone already: then nobody is left to read it. */
async function write(desk: Desk, file: string, at: string, author: string, text: string): Promise<void> {
  if (!(await addWords(file, { at, author, text }))) desk.say({ event: "note", text: "the agent could not be told" });
}

const WORDS: Record<Exclude<Directive, "cancel">, (grace_s: number) => string> = {
  continue: () => "continue: what was asked before no longer holds; go on with the task.",
  wind_down: () => WIND_DOWN,
  pause: (grace_s) =>
    `pause: the run is paused. Leave handoff.json and end within ${grace_s} s; what is not handed in by then is thrown away.`,
};

/** Says each directive once, when it changes, to the agent's file; a pause ends the work after its grace. */
export function followDirectives({ options, say, ...desk }: Desk, file: string, end: (cut: Cut) => void) {
  let now: Directive = "continue";
  let waiting: NodeJS.Timeout | undefined;
  const forget = () => clearTimeout(waiting);
  const hear = async (directive: Directive) => {
    if (directive === now) return;
    now = directive;
    say({ event: "directive", directive });
    forget();
    if (directive === "cancel") return end({ kind: "thrown_away", why: "the task was cancelled" });
    if (directive === "pause") {
      waiting = setTimeout(() => end({ kind: "released", why: "the run is paused" }), options.grace_s * 1_000);
    }
    const at = new Date().toISOString();
    await write({ options, say, ...desk }, file, at, "baton", WORDS[directive](options.grace_s));
  };
  return { hear, forget };
}
