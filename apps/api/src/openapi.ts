/** The OpenAPI document, made from the route table: what is not in the table is neither served nor described. */
import { ERRORS, type ErrorCode, Finding, FindingInput, PacketDraft, ProjectSettings } from "@baton/domain";
import { EMPTY_REASONS, Key, ProblemView, ROUTES, type Route } from "@baton/domain/api";
import { z } from "zod";
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from "zod-openapi";
import { VERSION } from "./parts.ts";

export function openApiDocument() {
  return createDocument(
    {
      openapi: "3.1.0",
      info: {
        title: "Baton",
        version: VERSION,
        description: "The hand-over line for AI agents: a task goes dev → qa → sec → docs → complete.",
        license: { name: "MIT", identifier: "MIT" },
      },
      servers: [{ url: "/" }],
      tags: [...new Set(Object.values(ROUTES).map((route) => route.tag))].map((name) => ({ name })),
      components: {
        securitySchemes: { token: { type: "http", scheme: "bearer" } },
        schemas: { Finding, FindingInput, PacketDraft, ProjectSettings },
      },
      paths: paths(),
    },
    { override: ({ jsonSchema }) => withoutPattern(jsonSchema) },
  );
}

/** The format says it all; the pattern behind it is longer than the rest. */
function withoutPattern(jsonSchema: { format?: unknown; pattern?: unknown }): void {
  if (jsonSchema.format === "uuid" || jsonSchema.format === "date-time") delete jsonSchema.pattern;
}

function paths(): ZodOpenApiPathsObject {
  const found: ZodOpenApiPathsObject = {};
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    found[path] = { ...found[path], [route.method]: operation(name, route) };
  }
  return found;
}

function operation(name: string, route: Route): ZodOpenApiOperationObject {
  const { tag, summary, roles, params, query, body } = route;
  const open = roles === "anyone";
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: open ? "No token needed." : `For ${roles.join(", ")}.`,
    security: open ? [{}, { token: [] }] : [{ token: [] }],
    requestParams: {
      ...(params && { path: params as z.ZodObject }),
      ...(query && { query: query as z.ZodObject }),
      ...((route.once || route.upload) && { header: headersOf(route) }),
    },
    ...(body && { requestBody: { content: { "application/json": { schema: body } } } }),
    ...(route.upload && { requestBody: { required: true, content: { ...ANY_FILE, ...formOf(route) } } }),
    responses: { ...answers(route), ...refusals(route) },
  };
}

function headersOf({ once, upload }: Route) {
  return z.object({ ...(once && { "Idempotency-Key": Key.optional() }), ...(upload && CHECKSUMS.shape) });
}

/** The file in its field, with the others beside it. */
function formOf({ form }: Route) {
  if (!(form instanceof z.ZodObject)) return {};
  const file = z.string().meta({ format: "binary" });
  return { "multipart/form-data": { schema: z.strictObject({ ...form.shape, file }) } };
}

/** The bytes as they are, under any media type. */
const ANY_FILE = { "*/*": { schema: { type: "string" as const, format: "binary" } } };

/** What arrives is held against whichever of them is sent. */
const CHECKSUMS = z.object({
  "X-Checksum-Sha256": z.string().optional().meta({ description: "SHA-256 in hex" }),
  "Content-Digest": z.string().optional().meta({ description: "sha-256=:<base64>:" }),
  Digest: z.string().optional().meta({ description: "sha-256=<base64>" }),
});

const DESCRIBED = { 200: "Done", 201: "Made", 204: "Nothing to tell" } as const;

function answers({ answers, wait, download, text }: Route) {
  const entries = Object.entries(answers).map(([status, schema]) => [
    status,
    {
      description: DESCRIBED[Number(status) as keyof typeof DESCRIBED],
      ...(schema && { content: { "application/json": { schema }, ...(text && PLAIN_TEXT) } }),
      ...(download && { content: ANY_FILE }),
      ...(wait && status === "204" && { headers: NOTHING_THERE }),
    },
  ]);
  return Object.fromEntries(entries) as Record<string, { description: string }>;
}

const PLAIN_TEXT = { "text/plain": { schema: { type: "string" as const } } };

const NOTHING_THERE = z.object({ "Retry-After": z.string(), "X-Baton-Reason": z.enum(EMPTY_REASONS) });

/** One answer per status, naming the codes that it can carry. */
function refusals(route: Route) {
  const byStatus = Map.groupBy(codesOf(route), (code) => ERRORS[code].status);
  const entries = [...byStatus].map(([status, codes]) => [
    String(status),
    {
      description: codes.map((code) => `\`${code}\`: ${ERRORS[code].title}`).join(". "),
      content: { "application/problem+json": { schema: ProblemView } },
    },
  ]);
  return Object.fromEntries(entries) as Record<string, { description: string }>;
}

function codesOf({ roles, body, once, packet, upload, refusals = [] }: Route): ErrorCode[] {
  const codes: ErrorCode[] = ["invalid_request", ...refusals, "internal", "unavailable", "draining"];
  if (roles !== "anyone") codes.push("unauthenticated", "forbidden");
  if (body) codes.push("malformed_json", "too_large", "unsupported_media_type", "request_timeout");
  if (packet) codes.push("too_large");
  if (upload) codes.push("too_large", "unsupported_media_type", "request_timeout");
  if (once) codes.push("idempotency_in_progress", "idempotency_key_reused", "conflict");
  return [...new Set(codes)].sort((a, b) => ERRORS[a].status - ERRORS[b].status);
}
