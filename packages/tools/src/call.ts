/** One call of a tool: checks the arguments, bounds the time, and makes every way it can end a result that says what to call next. */
import { createHash, randomUUID } from "node:crypto";
import { type Client, ServerAway } from "@baton/client";
import { faultsOf } from "@baton/domain/api";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { answer, refusal } from "./answer.ts";
import type { Refusal, Tool } from "./tool.ts";

export interface Around {
  client: Client;
  /** The caller has gone away. */
  signal: AbortSignal;
  /** Told what should not happen. */
  onError: (error: unknown) => void;
  /** Told of work that may outlast its call: a program that ends waits for it. It never rejects and takes seconds at most. */
  lasting?: ((work: Promise<unknown>) => void) | undefined;
}

/** A tool answers within 25 s: agents and their programs give up on what takes much longer. */
const CALL_MS = 24_000;

export async function callTool(tool: Tool, given: unknown, around: Around): Promise<CallToolResult> {
  const parsed = tool.input.safeParse(given ?? {});
  if (!parsed.success) {
    const errors = parsed.error.issues.flatMap((issue) => faultsOf(issue));
    return refusal({ code: "invalid_request", detail: `The arguments of ${tool.name} do not fit its schema.`, errors });
  }
  const in_time = AbortSignal.timeout(CALL_MS);
  const care = { signal: AbortSignal.any([around.signal, in_time]), idempotency_key: keyOf(tool, parsed.data) };
  const { client, lasting = () => undefined } = around;
  try {
    const told = await tool.run({ client, input: parsed.data, care, lasting });
    return told.ok ? answer(told.value as Record<string, unknown>, told.next) : refusal(told.problem);
  } catch (error) {
    around.signal.throwIfAborted();
    return refusal(faultOf(error, in_time.aborted, around.onError));
  }
}

/**
 * The ids that MCP clients give their requests begin at 1 in every one of them, so they cannot tell calls apart.
 * What can is the arguments: whoever holds a lease ends it once.
 */
function keyOf({ name, repeats }: Tool, input: unknown): string {
  if (repeats === undefined) return randomUUID();
  const hash = createHash("sha256")
    .update(JSON.stringify([name, input]))
    .digest("hex");
  return `mcp-${hash}`;
}

function faultOf(error: unknown, too_late: boolean, onError: (error: unknown) => void): Refusal {
  if (too_late)
    return { code: "unavailable", detail: "Baton did not answer in time. What was asked may have been done." };
  if (error instanceof ServerAway) return { code: "unavailable", detail: error.message };
  onError(error);
  return { code: "internal", detail: "The tool failed; the log of the server says more." };
}
