/** Reads the events that `codex exec --json` prints, one JSON object a line. It tells tokens by turn and no cost. */
import { z } from "zod";
import { type FormatReader, objectOf, Tokens, type Told, usageFrom } from "./output-format.ts";

const Words = z.object({ message: z.string() });
const Item = z.object({
  type: z.string(),
  text: z.string().catch(""),
  message: z.string().catch(""),
  command: z.string().catch(""),
  exit_code: z.int().nullish().catch(null),
  changes: z.array(z.object({ path: z.string(), kind: z.string().catch("") })).catch([]),
});

const Event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("thread.started") }),
  z.object({ type: z.literal("turn.started") }),
  z.object({
    type: z.literal("turn.completed"),
    usage: z.object({ input_tokens: Tokens, output_tokens: Tokens }).optional().catch(undefined),
  }),
  z.object({ type: z.literal("turn.failed"), error: Words }),
  z.object({ type: z.literal("item.completed"), item: Item }),
  z.object({ type: z.literal("error"), message: z.string() }),
]);
type Event = z.infer<typeof Event>;

interface State {
  begun: boolean;
  text: string;
  tokens_in: number | undefined;
  tokens_out: number | undefined;
  turns: number;
  error: string | null;
  milestones: string[];
}

export function openCodexReader(): FormatReader {
  const state: State = {
    ...{ begun: false, text: "", tokens_in: undefined, tokens_out: undefined, turns: 0, error: null, milestones: [] },
  };
  const line = (said: string) => {
    const event = Event.safeParse(objectOf(said)).data;
    // Others print objects with a type "error" too: only a thread that has begun is Codex.
    if (event === undefined || !(state.begun || event.type.startsWith("thread."))) return;
    state.begun = true;
    take(state, event);
  };
  const told = (): Told | null =>
    !state.begun
      ? null
      : {
          format: "codex",
          text: state.text,
          usage: usageFrom({ tokens_in: state.tokens_in, tokens_out: state.tokens_out }),
          metrics: state.turns > 0 ? { num_turns: state.turns } : {},
          error: state.error,
        };
  return { line, told, milestones: () => state.milestones.splice(0) };
}

function take(state: State, event: Event): void {
  switch (event.type) {
    case "thread.started":
    case "turn.started":
      return;
    case "turn.completed":
      state.turns += 1;
      // A turn that came to its end has got over what went wrong within it.
      state.error = null;
      // `input_tokens` is the total, tokens from the cache included.
      state.tokens_in = plus(state.tokens_in, event.usage?.input_tokens);
      state.tokens_out = plus(state.tokens_out, event.usage?.output_tokens);
      return;
    case "turn.failed":
      state.error = event.error.message;
      return;
    case "error":
      state.error = event.message;
      return;
    case "item.completed":
      takeItem(state, event.item);
  }
}

function takeItem(state: State, item: z.infer<typeof Item>): void {
  if (item.type === "agent_message" && item.text.trim() !== "") state.text = item.text;
  if (item.type === "command_execution") {
    const end = item.exit_code === null || item.exit_code === undefined ? "" : ` (exit code ${item.exit_code})`;
    state.milestones.push(`ran ${item.command}${end}`);
  }
  if (item.type === "file_change") {
    state.milestones.push(`changed ${item.changes.map(({ path }) => path).join(", ")}`);
  }
}

function plus(sum: number | undefined, more: number | undefined): number | undefined {
  return more === undefined ? sum : (sum ?? 0) + more;
}
