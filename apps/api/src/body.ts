/** Reads the body of a request: its media type, its size, its bytes. A body that is left out counts as `{}`. */
import { ok, PACKET_MAX_BYTES, type Result, refused } from "@baton/domain";
import type { Route } from "@baton/domain/api";
import express, { type Request, type RequestHandler, type Response } from "express";
import { parseJson } from "./json.ts";

const readRaw = express.raw({ type: () => true, limit: "1mb", inflate: false });

/** Refused when it has not arrived as a whole after `within_ms`. */
export async function readBody(
  route: Route,
  request: Request,
  response: Response,
  within_ms: number,
): Promise<Result<unknown>> {
  if (route.body === undefined) return ok(undefined);
  const wrong = wrongType(request);
  if (wrong !== null) return refused("unsupported_media_type", wrong);
  if (!(await arrives(readRaw, request, response, within_ms))) return LATE;
  const bytes: unknown = request.body;
  if (!Buffer.isBuffer(bytes) || bytes.length === 0) return ok({});
  if (request.get("content-type") === undefined) return refused("unsupported_media_type", JSON_ONLY);
  const body = parseJson(bytes);
  if (body.ok && packetBytes(route, body.value) > PACKET_MAX_BYTES) {
    return refused("too_large", "The packet is larger than 256 KB as JSON. Keep large things in files and name them.");
  }
  return body;
}

export const LATE = refused("request_timeout", "The body did not arrive in time.");

/**
 * Files have longer: the time a request has as a whole is theirs, and this one is all others'. After a body that is late
 * the connection is closed with the answer.
 */
export async function arrives(
  read: RequestHandler,
  request: Request,
  response: Response,
  within_ms: number,
): Promise<boolean> {
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<boolean>((resolve, reject) => {
      late = setTimeout(() => {
        response.set("Connection", "close");
        resolve(false);
      }, within_ms);
      read(request, response, (error?: unknown) => (error instanceof Error ? reject(error) : resolve(true)));
    });
  } finally {
    clearTimeout(late);
  }
}

const JSON_ONLY = "Send the body as application/json in UTF-8.";

function wrongType(request: Request): string | null {
  const type = request.get("content-type");
  if (type === undefined) return null;
  const [media = "", ...parameters] = type.toLowerCase().split(";");
  const charset = parameters.find((parameter) => parameter.trim().startsWith("charset="))?.split("=")[1];
  if (media.trim() !== "application/json") return JSON_ONLY;
  return charset === undefined || /^\s*"?utf-?8"?\s*$/.test(charset) ? null : JSON_ONLY;
}

function packetBytes(route: Route, body: unknown): number {
  if (route.packet === undefined) return 0;
  if (route.packet === "body") return Buffer.byteLength(JSON.stringify(body));
  if (typeof body !== "object" || body === null || !("packet" in body)) return 0;
  return Buffer.byteLength(JSON.stringify(body.packet) ?? "");
}
