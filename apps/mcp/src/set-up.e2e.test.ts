/** The set-up lines of docs/mcp.md, run word for word by a shell with stand-ins for the programs, and the SDK's client in their place. */
import { readFileSync } from "node:fs";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { startApi } from "./testing/api.ts";
import { machine, type SetUp, setUpOf } from "./testing/stand-in.ts";

const api = await startApi(afterAll);

const PAGE = readFileSync(new URL("../../../docs/mcp.md", import.meta.url), "utf8");
const LINES = [...PAGE.matchAll(/^(?:claude|codex) mcp add .*|^goose session .*/gm)].map(([line]) => line);

/** The page's server is on a port of its own here. */
const WRITTEN = "http://127.0.0.1:3000";

async function toolsOf(set_up: SetUp): Promise<number> {
  const transport =
    "url" in set_up
      ? new StreamableHTTPClientTransport(new URL(set_up.url), { requestInit: { headers: set_up.headers } })
      : new StdioClientTransport({ ...set_up, stderr: "ignore" });
  const client = new Client({ name: "a-program", version: "1" });
  onTestFinished(() => client.close());
  await client.connect(transport);
  const { isError } = await client.callTool({ name: "queue_status", arguments: {} });
  expect(isError).not.toBe(true);
  return (await client.listTools()).tools.length;
}

test("the page has a line for each program and each way in", () => {
  expect(LINES.map((line) => line.split(" ")[0])).toEqual(["claude", "claude", "codex", "codex", "goose"]);
});

test.each(LINES)("%s", { timeout: 60_000 }, async (line) => {
  const here = await machine(await api.tokenFor("agent"));
  const set_up = setUpOf(await here.words(line.replace(WRITTEN, api.url)), here);
  if ("env" in set_up) set_up.env.BATON_URL = api.url;
  expect(await toolsOf(set_up)).toBe(12);
});

test("the lines for Goose's settings lead in", { timeout: 60_000 }, async () => {
  const token = await api.tokenFor("agent");
  const uri = /uri: (\S+)/.exec(PAGE)?.[1] ?? "";
  const [, name = "", value = ""] = /headers:\n +(\w+): (.+)/.exec(PAGE) ?? [];
  const headers = { [name]: value.replace("${BATON_TOKEN}", token) };
  expect(await toolsOf({ url: uri.replace(WRITTEN, api.url), headers })).toBe(12);
});

test("the line that makes a token makes one for an agent", { timeout: 60_000 }, async () => {
  const here = await machine("");
  const line = /^export BATON_TOKEN=.*$/m.exec(PAGE)?.[0].replace(WRITTEN, api.url) ?? "";
  const told = line.replace("$(cat ~/baton/.baton/admin-token)", api.admin_token);
  const [token = ""] = await here.words(`${told}; claude "$BATON_TOKEN"`);
  const headers = { authorization: `Bearer ${token}` };
  expect(await toolsOf({ url: `${api.url}/mcp`, headers })).toBe(12);
});
