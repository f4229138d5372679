/** The typed HTTP client: one call per route of the domain's table. Nothing else in the CLI and the MCP server speaks HTTP. */
export { type Called, type Client, type ClientOptions, openClient, type Upload } from "./client.ts";
export { ServerAway } from "./patience.ts";
