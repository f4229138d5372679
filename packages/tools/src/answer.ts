/** The result of a tool call as MCP carries it: structured for programs, text for models. */
import { ERRORS } from "@baton/domain";
import type { CallToolResult } from "@modelcontextprotocol/server";
import { NEXT_CALL } from "./next-call.ts";
import type { Refusal } from "./tool.ts";

/** Clients that know no structured content find the same as JSON text. */
export function answer(value: Record<string, unknown>, next: string): CallToolResult {
  return {
    content: [
      { type: "text", text: next },
      { type: "text", text: JSON.stringify(value) },
    ],
    structuredContent: value,
  };
}

/** More would tell no model more. */
const FAULTS_SHOWN = 20;

export function refusal({ code, detail, errors = [], allowed = [], holder, retry_after_s }: Refusal): CallToolResult {
  const lines = [
    `${code} (${ERRORS[code].status})`,
    detail,
    ...errors.slice(0, FAULTS_SHOWN).map((fault) => `- ${fault.pointer || "/"}: ${fault.detail}`),
    ...(errors.length > FAULTS_SHOWN ? [`- and ${errors.length - FAULTS_SHOWN} more`] : []),
    ...(allowed.length > 0 ? [`Allowed now: ${allowed.join(", ")}.`] : []),
    ...(holder ? [`Held by ${holder.agent_id}, ${holder.alive ? "alive" : "silent"}.`] : []),
    ...(retry_after_s === undefined ? [] : [`Retry after: ${retry_after_s} s.`]),
    `Next: ${NEXT_CALL[code]}`,
  ];
  return { content: [{ type: "text", text: lines.join("\n") }], isError: true };
}
