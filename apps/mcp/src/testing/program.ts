/** The MCP program for tests, started by the SDK's own client as an agent's program starts it. */
import { fileURLToPath } from "node:url";
import { COMPILED } from "@baton/db/testing";
import { type CallToolResult, Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";

export const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** `modern` speaks the protocol of 2026, `legacy` the one of 2025 that most programs still speak. */
export const ERAS = ["modern", "legacy"] as const;
export type Era = (typeof ERAS)[number];

export interface Started {
  client: Client;
  pid: number;
  call(name: string, args?: Record<string, unknown>): Promise<CallToolResult>;
  /** The structured content of a call that must succeed. */
  ok(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
}

/** A machine that starts many programs at a time takes its time. */
const BUSY_MS = 120_000;

interface Command {
  command: string;
  args: string[];
  env: Record<string, string>;
}

export const programAt = (url: string, token: string): Command => ({
  ...{ command: process.execPath, args: [MAIN] },
  env: { ...COMPILED, BATON_URL: url, BATON_TOKEN: token },
});

/** Runs until the test ends. `hear` gets the id of every request. */
export async function start(
  command: Command,
  era: Era = "modern",
  hear: (id: unknown) => unknown = () => undefined,
): Promise<Started> {
  const transport = new StdioClientTransport(command);
  const send = transport.send.bind(transport);
  transport.send = (message) => {
    if ("id" in message && "method" in message) hear(message.id);
    return send(message);
  };
  const mode = era === "legacy" ? "legacy" : { pin: "2026-07-28" };
  const client = new Client({ name: "a-program", version: "1" }, { versionNegotiation: { mode } });
  await client.connect(transport, { timeout: BUSY_MS });
  onTestFinished(() => client.close());
  const call: Started["call"] = (name, args = {}) =>
    client.callTool({ name, arguments: args }, { timeout: BUSY_MS }) as Promise<CallToolResult>;
  const ok: Started["ok"] = async (name, args) => {
    const { isError, structuredContent, content } = await call(name, args);
    if (isError) throw new Error(`${name} was refused: ${JSON.stringify(content)}`);
    return structuredContent as Record<string, unknown>;
  };
  return { client, pid: transport.pid ?? 0, call, ok };
}
