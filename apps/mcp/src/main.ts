#!/usr/bin/env node
/** Starts `baton-mcp` with what Node made of its sources the last time, as the `baton` command does. */
import { enableCompileCache } from "node:module";

enableCompileCache();
await import("./serve.ts");
