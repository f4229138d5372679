/** Finds decisions in what an agent said: lines such as "Decision: …" and "Chose X over Y because …". */
import { proseOf } from "./extract-section.ts";
import type { OutputDecision } from "./packet.ts";
import { cutText } from "./text.ts";

const DECISIONS_MAX = 50;
/** A longer line is prose that no pattern should be tried on. */
const LINE_MAX = 2_000;
const NOT_STATED = "not stated";

const DECISION = /^decision(?: \d{1,3})?\s*[:–—-]\s*(?=\S)/i;
const RATIONALE = /^(?:rationale|reason|why)\s*:\s*(?=\S)/i;
const ALTERNATIVES = /^alternatives?(?: considered)?\s*:\s*(?=\S)/i;
const CHOSE = /\b(?:chose|picked|preferred|went with|opted for)\s+(?=\S)/i;
const OVER = /\s(?:over|instead of|rather than)\s+(?=\S)/i;
const BECAUSE = /,?\s(?:because|since)\s+(?=\S)/i;

export function decisionsIn(text: string): OutputDecision[] {
  const found: OutputDecision[] = [];
  for (const line of proseOf(text)) {
    const said = bare(line);
    if (said === "" || said.length > LINE_MAX) continue;
    const last = found.at(-1);
    if (last && RATIONALE.test(said) && last.rationale === NOT_STATED) last.rationale = after(said, RATIONALE);
    else if (last && ALTERNATIVES.test(said)) last.alternatives_considered = after(said, ALTERNATIVES);
    else if (DECISION.test(said)) found.push(decision(after(said, DECISION)));
    else found.push(...sentences(said).flatMap(choice));
  }
  return distinct(found).slice(0, DECISIONS_MAX);
}

/** Without list marks and emphasis. */
function bare(line: string): string {
  return line
    .trim()
    .replace(/^(?:[-*+•]|\d{1,3}[.)])\s+/, "")
    .replace(/\*\*|__/g, "")
    .trim();
}

function sentences(line: string): string[] {
  return line.split(/(?<=[.!?])\s+(?=\p{Lu})/u);
}

function decision(said: string): OutputDecision {
  const chosen = choice(said)[0];
  if (chosen) return chosen;
  const [what, why] = split(said, BECAUSE);
  return { decision: ended(what), rationale: why === null ? NOT_STATED : ended(why) };
}

/** "Chose X over Y because Z": all three must be there. */
function choice(sentence: string): OutputDecision[] {
  const [, chosen] = split(sentence, CHOSE);
  if (chosen === null) return [];
  const [what, rest] = split(chosen, OVER);
  if (rest === null) return [];
  const [other, why] = split(rest, BECAUSE);
  if (why === null) return [];
  const decided = `Chose ${ended(what)} over ${ended(other)}`;
  return [{ decision: decided, rationale: ended(why), alternatives_considered: ended(other) }];
}

/** Before and after the first place that fits; null after it when there is none. */
function split(text: string, at: RegExp): [string, string | null] {
  const found = at.exec(text);
  return found ? [text.slice(0, found.index), text.slice(found.index + found[0].length)] : [text, null];
}

function after(text: string, beginning: RegExp): string {
  return ended(text.replace(beginning, ""));
}

function ended(text: string): string {
  return cutText(text.trim().replace(/[.;]$/, ""), LINE_MAX) || NOT_STATED;
}

function distinct(decisions: readonly OutputDecision[]): OutputDecision[] {
  return [...new Map(decisions.map((one) => [one.decision.toLowerCase(), one])).values()];
}
