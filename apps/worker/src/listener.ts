/** What the line and people say to a hosted agent at work: added to its file, each message once and the call to wind down when it begins. */
import { addWords, messagesOf, WIND_DOWN } from "@baton/agents";
import type { Assignment, Beat } from "@baton/pipeline";
import { hasAgent, toAgent } from "./assignment.ts";

/** Null where the stage's work is built in: then messages wait for an agent that can read them. */
export function listenerFor(assignment: Assignment, data_dir: string): ((beat: Beat) => Promise<void>) | null {
  if (!hasAgent(assignment)) return null;
  const file = messagesOf(toAgent(assignment), data_dir);
  let before: Beat["directive"] = "continue";
  return async ({ directive, messages }) => {
    for (const { created_at, author, text } of messages) await addWords(file, { at: created_at, author, text });
    const begins = directive === "wind_down" && before !== directive;
    before = directive;
    if (begins) await addWords(file, { at: new Date().toISOString(), author: "baton", text: WIND_DOWN });
  };
}
