/** The twelve tools of an agent, over the typed client: what the MCP server on stdio and the one in the API have in common. */
export { type ToolServerOptions, toolServer } from "./server.ts";
