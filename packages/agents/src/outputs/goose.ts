/**
 * Reads what `goose run` prints: with `--output-format json` one object over many lines, with `stream-json` one a line,
 * else its session as text, which has no counts. Older versions tell only the total of tokens: that is no usage.
 */
import { z } from "zod";
import { Cost, type FormatReader, objectOf, Tokens, type Told, usageFrom } from "./output-format.ts";

const Counts = z.object({ total_tokens: Tokens, input_tokens: Tokens, output_tokens: Tokens, cost_usd: Cost });
const Content = z.object({ type: z.string(), text: z.string().catch("") });
const Message = z.object({ id: z.string().nullish().catch(null), role: z.string(), content: z.array(Content) });
type Message = z.infer<typeof Message>;

const Whole = z.object({ messages: z.array(Message), metadata: Counts.extend({ status: z.string() }) });
const Event = z.discriminatedUnion("type", [
  z.object({ type: z.literal("message"), message: Message }),
  Counts.extend({ type: z.literal("complete") }),
  z.object({ type: z.literal("error"), error: z.string() }),
]);

const OPENING =
  /^\s*(starting session|new session|resuming session)\b|^\s*(session id|logging to|working directory):? /;
const FAILED = /^\s*(?:Ran into this error|error|Error): ?(.+)$/;
const TEXT_MAX = 64 * 1024;
const WHOLE_MAX = 8 * 1024 * 1024;

export function openGooseReader(): FormatReader {
  const whole = collectObject();
  const printed = collectSession();
  let counts: z.infer<typeof Counts> | null = null;
  let error: string | null = null;
  let last = { id: "", text: "" };
  let found = false;

  const hear = (message: Message) => {
    const text = textOf(message);
    if (message.role !== "assistant" || text === "") return;
    // A message that is streamed comes in pieces under one id.
    const goes_on = message.id !== null && message.id !== undefined && message.id === last.id;
    last = { id: message.id ?? "", text: goes_on ? last.text + text : text };
  };

  const line = (said: string) => {
    printed.line(said);
    const object = whole.line(said);
    const output = object === null ? undefined : Whole.safeParse(object).data;
    if (output) {
      output.messages.forEach(hear);
      counts = output.metadata;
      if (output.metadata.status !== "completed") error = `it ended with status ${output.metadata.status}`;
    }
    const event = object === null ? Event.safeParse(objectOf(said)).data : undefined;
    if (event?.type === "message") hear(event.message);
    if (event?.type === "complete") counts = event;
    if (event?.type === "error") error = event.error;
    found ||= output !== undefined || event?.type === "message" || event?.type === "complete";
  };

  const told = (): Told | null => {
    if (!found) return printed.told();
    const { total_tokens } = counts ?? {};
    return {
      format: "goose",
      text: last.text,
      usage: usageFrom({ tokens_in: counts?.input_tokens, tokens_out: counts?.output_tokens, cost: counts?.cost_usd }),
      metrics: total_tokens === undefined ? {} : { total_tokens },
      error,
    };
  };
  return { line, told, milestones: () => [] };
}

function textOf({ content }: Message): string {
  return content
    .filter(({ type }) => type === "text")
    .map(({ text }) => text)
    .join("");
}

/** Gives the object whose first and last lines are a brace alone, as pretty-printers write it. */
function collectObject(): { line(said: string): unknown } {
  let lines: string[] | null = null;
  let length = 0;
  return {
    line: (said) => {
      if (said === "{") [lines, length] = [[], 0];
      if (lines === null) return null;
      lines.push(said);
      length += said.length;
      if (length > WHOLE_MAX) lines = null;
      if (said !== "}" || lines === null) return null;
      const text = lines.join("");
      lines = null;
      return objectOf(text);
    },
  };
}

/** The session as text: what follows its opening lines. */
function collectSession(): Omit<FormatReader, "milestones"> {
  let begun = false;
  let error: string | null = null;
  let text = "";
  return {
    line: (said) => {
      if (OPENING.test(said)) begun = true;
      else if (begun) text = `${text}${said}\n`.slice(-TEXT_MAX);
      if (begun) error = FAILED.exec(said)?.[1] ?? error;
    },
    told: () => (begun ? { format: "goose", text: text.trim(), usage: {}, metrics: {}, error } : null),
  };
}
