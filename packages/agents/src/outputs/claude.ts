/** Reads what `claude -p` prints with `--output-format json` (one object at the end) or `stream-json` (one a line, the same object last). */
import { z } from "zod";
import { Cost, type FormatReader, objectOf, sumOf, Tokens, type Told, usageFrom } from "./output-format.ts";

const TokenCounts = z.object({
  input_tokens: Tokens,
  cache_creation_input_tokens: Tokens,
  cache_read_input_tokens: Tokens,
  output_tokens: Tokens,
});

const Result = z.object({
  type: z.literal("result"),
  // Other programs print objects of a type "result" too.
  session_id: z.string(),
  subtype: z.string().catch(""),
  is_error: z.boolean().catch(false),
  result: z.string().catch(""),
  errors: z.array(z.string()).catch([]),
  num_turns: Tokens,
  duration_api_ms: Tokens,
  total_cost_usd: Cost,
  usage: TokenCounts.optional().catch(undefined),
  modelUsage: z.record(z.string(), z.unknown()).catch({}),
});
type Result = z.infer<typeof Result>;

const Block = z.object({ type: z.string(), text: z.string().catch(""), name: z.string().catch("") });
const Assistant = z.object({
  type: z.literal("assistant"),
  message: z.object({
    id: z.string().optional().catch(undefined),
    model: z.string().optional().catch(undefined),
    content: z.array(Block).catch([]),
    usage: TokenCounts.optional().catch(undefined),
  }),
});

export function openClaudeReader(): FormatReader {
  let result: Result | null = null;
  let text = "";
  let model: string | undefined;
  /** By message: a message is printed once for each of its blocks, with its counts each time. */
  const counts = new Map<string, z.infer<typeof TokenCounts>>();
  const milestones: string[] = [];

  const hear = ({ message }: z.infer<typeof Assistant>) => {
    model = message.model ?? model;
    if (message.usage) counts.set(message.id ?? `${counts.size}`, message.usage);
    for (const block of message.content) {
      if (block.type === "text" && block.text.trim() !== "") text = block.text;
      if (block.type === "tool_use") milestones.push(`used ${block.name}`);
    }
  };

  const line = (said: string) => {
    const value = objectOf(said);
    if (value?.type === "result") result = Result.safeParse(value).data ?? result;
    const assistant = value?.type === "assistant" ? Assistant.safeParse(value).data : undefined;
    if (assistant) hear(assistant);
  };

  const told = (): Told | null => {
    if (result === null && counts.size === 0 && text === "") return null;
    return {
      format: "claude",
      text: result?.result || text,
      usage: usageOf(result, [...counts.values()], model),
      metrics: result === null ? {} : metricsOf(result),
      error: result !== null && failed(result) ? wordsOf(result) : null,
    };
  };
  return { line, told, milestones: () => milestones.splice(0) };
}

function usageOf(result: Result | null, counts: z.infer<typeof TokenCounts>[], model: string | undefined) {
  const all = result?.usage ? [result.usage] : counts;
  const models = Object.keys(result?.modelUsage ?? {});
  return usageFrom({
    // Tokens read from the cache and written to it are input too; the price tells them apart.
    tokens_in: sumOf(
      ...all.flatMap((one) => [one.input_tokens, one.cache_creation_input_tokens, one.cache_read_input_tokens]),
    ),
    tokens_out: sumOf(...all.map((one) => one.output_tokens)),
    cost: result?.total_cost_usd,
    model: model ?? (models.length === 1 ? models[0] : undefined),
  });
}

function metricsOf({ num_turns, duration_api_ms }: Result): Record<string, unknown> {
  return { ...(num_turns !== undefined && { num_turns }), ...(duration_api_ms !== undefined && { duration_api_ms }) };
}

function failed({ is_error, subtype }: Result): boolean {
  return is_error || subtype.startsWith("error");
}

function wordsOf({ result, errors, subtype }: Result): string {
  return result || errors.join("\n") || subtype || "it says that it failed";
}
