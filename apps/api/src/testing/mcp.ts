/** An agent's program for tests: the SDK's own client, over HTTP. */
import { type CallToolResult, Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { onTestFinished } from "vitest";

/** `modern` speaks the protocol of 2026, `legacy` the one of 2025 that most programs still speak. */
export const ERAS = ["modern", "legacy"] as const;
export type Era = (typeof ERAS)[number];

export interface Mcp {
  client: Client;
  /** The structured content of a call that must succeed. */
  ok(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  /** The text of a call that must be refused. */
  refused(name: string, args?: Record<string, unknown>): Promise<string>;
}

/** `hear` gets every message that the client sends. */
export async function connectMcp(
  url: string,
  token: string | null,
  era: Era = "modern",
  hear: (message: { id?: number; method: string }) => void = () => undefined,
): Promise<Mcp> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const send = (address: string | URL, init?: RequestInit) => {
    if (typeof init?.body === "string") hear(JSON.parse(init.body) as { id?: number; method: string });
    return fetch(address, init);
  };
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), { requestInit: { headers }, fetch: send });
  const mode = era === "legacy" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client({ name: "a-program", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, ...speak(client) };
}

function speak(client: Client): Omit<Mcp, "client"> {
  const call = (name: string, args: Record<string, unknown>) =>
    client.callTool({ name, arguments: args }) as Promise<CallToolResult>;
  return {
    ok: async (name, args = {}) => {
      const { isError, structuredContent, content } = await call(name, args);
      if (isError) throw new Error(`${name} was refused: ${textOf(content)}`);
      return structuredContent as Record<string, unknown>;
    },
    refused: async (name, args = {}) => {
      const { isError, content } = await call(name, args);
      if (!isError) throw new Error(`${name} was not refused`);
      return textOf(content);
    },
  };
}

function textOf(content: CallToolResult["content"]): string {
  return content.map((block) => (block.type === "text" ? block.text : "")).join("\n");
}
