/** Small sources that each break one rule of the gate, and neighbours that break none. `walls.test.ts` lints them for real. */

interface Planted {
  readonly path: string;
  readonly source: string;
  /** The rule that must fire; none means that the file must pass. */
  readonly rule?: string;
}

const WALL = "eslint(no-restricted-imports)";

/** Folder by folder: what it must not import, then what it may. */
const IMPORTS: Readonly<Record<string, { never: readonly string[]; may: readonly string[] }>> = {
  "packages/domain/src": {
    never: [
      "node:fs",
      "fs",
      "zod/mini",
      "drizzle-orm",
      "pino",
      "vitest",
      "@baton/db",
      "@baton/queue",
      "../../db/src/x.ts",
    ],
    may: ["zod", "./stages.ts", "../stages.ts"],
  },
  "packages/db/src": {
    never: [
      ...["bullmq", "ioredis", "express", "flydrive", "@aws-sdk/client-s3"],
      ...["@baton/queue", "@baton/store", "@baton/pipeline", "@baton/api", "../../queue/src/x.ts"],
    ],
    may: [
      "drizzle-orm",
      "drizzle-orm/pg-core",
      "pg",
      "@baton/domain",
      "@baton/domain/api",
      "node:fs",
      "../schema/x.ts",
    ],
  },
  "packages/queue/src": {
    never: [
      "drizzle-orm",
      "express",
      "flydrive",
      "@baton/store",
      "@baton/db",
      "@baton/db/testing",
      "@baton/pipeline",
      "@baton/worker",
    ],
    may: ["bullmq", "ioredis", "pg", "@baton/domain"],
  },
  "packages/store/src": {
    never: ["pg", "bullmq", "express", "drizzle-orm", "@baton/db", "@baton/queue", "@baton/pipeline", "@baton/api"],
    may: ["flydrive", "flydrive/drivers/fs", "@aws-sdk/client-s3", "@baton/domain", "node:fs"],
  },
  "packages/pipeline/src": {
    never: ["drizzle-orm", "pg", "postgres", "bullmq", "ioredis", "express", "flydrive", "@baton/agents", "@baton/api"],
    may: ["@baton/domain", "@baton/db", "@baton/queue", "@baton/store", "@baton/formats"],
  },
  "packages/formats/src": {
    never: [
      "pg",
      "bullmq",
      "express",
      "@baton/db",
      "@baton/queue",
      "@baton/pipeline",
      "@baton/agents",
      "../../db/src/x.ts",
    ],
    may: ["ajv/dist/2020.js", "yaml", "@baton/domain", "node:worker_threads"],
  },
  "packages/agents/src": {
    never: [
      "pg",
      "bullmq",
      "express",
      "flydrive",
      "@baton/store",
      "@baton/db",
      "@baton/queue",
      "@baton/pipeline",
      "@baton/worker",
    ],
    may: ["execa", "@baton/domain", "@baton/formats", "node:fs"],
  },
  "packages/client/src": {
    never: ["pg", "bullmq", "@baton/formats", "@baton/db", "@baton/queue", "@baton/pipeline", "@baton/api"],
    may: ["@baton/domain", "@baton/domain/api"],
  },
  "packages/tools/src": {
    never: ["pg", "bullmq", "express", "@baton/db", "@baton/pipeline", "@baton/agents", "@baton/api", "@baton/mcp"],
    may: ["@modelcontextprotocol/server", "@baton/client", "@baton/domain", "@baton/domain/api"],
  },
  "apps/api/src": {
    never: [
      "drizzle-orm",
      "pg",
      "bullmq",
      "ioredis",
      "flydrive",
      "@baton/worker",
      "@baton/director",
      "@baton/client",
      "../../worker/src/x.ts",
    ],
    may: ["express", "@bull-board/express", "@baton/pipeline", "@baton/agents", "@baton/tools"],
  },
  "apps/worker/src": {
    never: [
      "express",
      "@aws-sdk/client-s3",
      "drizzle-orm",
      "pg",
      "bullmq",
      "@baton/api",
      "@baton/director",
      "@baton/cli",
      "@baton/client",
    ],
    may: ["@baton/pipeline", "@baton/agents", "@baton/domain"],
  },
  "apps/director/src": {
    never: ["express", "drizzle-orm", "ioredis", "@baton/api", "@baton/worker"],
    may: ["@baton/pipeline"],
  },
  "apps/cli/src": {
    never: [
      "express",
      "pg",
      "bullmq",
      "@baton/store",
      "@baton/db",
      "@baton/queue",
      "@baton/pipeline",
      "@baton/formats",
      "@baton/api",
    ],
    may: ["commander", "@baton/client", "@baton/agents", "@baton/domain"],
  },
  "apps/mcp/src": {
    never: ["@baton/db", "@baton/queue", "@baton/pipeline", "@baton/agents", "@baton/api", "../../api/src/x.ts"],
    may: ["@baton/tools", "@baton/client", "@modelcontextprotocol/server/stdio"],
  },
  "apps/web/src": {
    never: ["@baton/db", "@baton/queue", "@baton/pipeline", "@baton/agents", "@baton/api"],
    may: ["@baton/client"],
  },
  "apps/bench/src": {
    never: ["drizzle-orm", "express", "@baton/api", "@baton/worker"],
    may: ["bullmq", "ioredis", "pg", "@baton/pipeline", "@baton/db", "@baton/queue"],
  },
  "examples/sample": {
    never: ["pg", "bullmq", "express", "drizzle-orm", "@baton/db", "@baton/client"],
    may: ["node:fs"],
  },
};

const OPENING = 'export { openDatabase, type Db } from "@baton/db"; export { prepareQueue } from "@baton/queue";';

const HABITS: readonly Planted[] = [
  { path: "apps/api/src/o1.ts", source: OPENING },
  { path: "apps/api/src/o2.ts", source: 'export type { TaskRow } from "@baton/db";' },
  { path: "apps/api/src/o9.ts", source: 'import { openStore } from "@baton/store"; export const a = openStore;' },
  { path: "apps/api/src/o10.ts", source: 'import { isChecksum } from "@baton/store";', rule: WALL },
  { path: "apps/api/src/o11.test.ts", source: 'import "@baton/store/testing";' },
  { path: "apps/api/src/o3.ts", source: 'import { apply } from "@baton/db";', rule: WALL },
  { path: "apps/director/src/o4.ts", source: 'import * as db from "@baton/db";', rule: WALL },
  { path: "apps/worker/src/o5.ts", source: 'import { openDatabase, apply } from "@baton/db";', rule: WALL },
  { path: "apps/worker/src/o6.ts", source: 'import "@baton/db/testing";', rule: WALL },
  { path: "apps/worker/src/o7.test.ts", source: 'import "@baton/db/testing"; export { apply } from "@baton/db";' },
  { path: "apps/worker/src/o8.test.ts", source: 'import "@baton/api";', rule: WALL },
  { path: "packages/domain/src/h1.ts", source: "export const a = process.pid;", rule: "eslint(no-restricted-globals)" },
  {
    path: "packages/domain/src/h2.ts",
    source: "export const a = Date.now();",
    rule: "eslint(no-restricted-properties)",
  },
  {
    path: "packages/domain/src/h3.ts",
    source: "export const a = Math.random();",
    rule: "eslint(no-restricted-properties)",
  },
  {
    path: "packages/domain/src/h4.test.ts",
    source: 'import "vitest"; import "fast-check"; export const a = Date.now();',
  },
  { path: "packages/domain/src/h5.test.ts", source: 'import "node:fs";', rule: WALL },
  { path: "packages/db/src/h6.ts", source: "export const a = process.env;", rule: "eslint(no-restricted-properties)" },
  {
    path: "packages/db/src/h7.ts",
    source: "export const { env } = process;",
    rule: "eslint(no-restricted-properties)",
  },
  { path: "packages/db/src/env.ts", source: "export const a = process.env.DATABASE_URL;" },
  { path: "packages/db/src/h8.ts", source: 'export const a = await import("bullmq");', rule: WALL },
  { path: "packages/db/src/h9.ts", source: 'export type { Queue } from "bullmq";', rule: WALL },
  { path: "packages/db/src/h10.ts", source: "Promise.resolve();", rule: "typescript(no-floating-promises)" },
  {
    path: "packages/db/src/h11.ts",
    source: "export const a = (): void => [1].forEach(async () => { await Promise.resolve(); });",
    rule: "typescript(no-misused-promises)",
  },
  {
    path: "packages/db/src/h12.ts",
    source: 'export function a(x: "p" | "q"): void { switch (x) { case "p": break; } }',
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    path: "packages/db/src/h13.ts",
    source: 'export function a(x: "p" | "q"): void { switch (x) { case "p": break; default: break; } }',
    rule: "typescript(switch-exhaustiveness-check)",
  },
  { path: "packages/db/src/h14.ts", source: "export const a = (x: any) => x;", rule: "typescript(no-explicit-any)" },
  {
    path: "packages/db/src/h15.ts",
    source: "export const a = (x?: { b: 1 }) => x!.b;",
    rule: "typescript(no-non-null-assertion)",
  },
  {
    path: "packages/db/src/h16.ts",
    source: "// @ts-ignore\nexport const a: 1 = 2;",
    rule: "typescript(ban-ts-comment)",
  },
  {
    path: "packages/db/src/h17.test.ts",
    source: 'import { test } from "vitest"; test.only("a", () => {});',
    rule: "vitest(no-focused-tests)",
  },
  { path: "packages/db/src/h18.ts", source: "// a line\n".repeat(301), rule: "eslint(max-lines)" },
  { path: "packages/db/src/h19.ts", source: `${"// a line\n".repeat(298)}export const a = 1;` },
  {
    path: "packages/db/src/h20.ts",
    source: `export function a() {\n${"f();\n".repeat(59)}}`,
    rule: "eslint(max-lines-per-function)",
  },
  { path: "packages/db/src/h21.ts", source: 'import "./h22.ts"; export const a = 1;', rule: "import(no-cycle)" },
  { path: "packages/db/src/h23.ts", source: 'import type { B } from "./h24.ts"; export type A = B | 1;' },
  { path: "packages/db/src/h24.ts", source: 'import type { A } from "./h23.ts"; export type B = A[];' },
  { path: "packages/db/src/h22.ts", source: 'import "./h21.ts"; export const a = 1;', rule: "import(no-cycle)" },
];

function imports(folder: string, names: readonly string[], rule?: string): Planted[] {
  return names.map((name, n) => ({
    path: `${folder}/${rule === undefined ? "may" : "never"}${n}.ts`,
    source: `import ${JSON.stringify(name)};`,
    ...(rule === undefined ? {} : { rule }),
  }));
}

export const PLANTED: readonly Planted[] = [
  ...Object.entries(IMPORTS).flatMap(([folder, law]) => [
    ...imports(folder, law.never, WALL),
    ...imports(folder, law.may),
  ]),
  ...HABITS,
];
