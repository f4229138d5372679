/** Repeated requests: the key a caller sends, the hash that tells two requests apart, and a seal on stored answers that hold a secret. */
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { ok, type Result, refused } from "@baton/domain";
import { Key } from "@baton/domain/api";
import type { Request } from "express";

export function keyOf(request: Request): Result<string | null> {
  const header = request.get("idempotency-key");
  if (header === undefined) return ok(null);
  const key = Key.safeParse(header);
  if (key.success) return ok(key.data);
  return refused("invalid_request", "Idempotency-Key must be 1 to 200 visible ASCII characters, sent once.");
}

/** `input` is parsed already, so that spelling and order of the JSON do not matter. */
export function hashOf(route: string, input: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify([route, input]))
    .digest("hex");
}

/** An answer with a secret is stored so that only the bearer of the same token, which is stored nowhere, can read it. */
export interface Seal {
  close(text: string): string;
  open(sealed: string): string;
}

export const noSeal: Seal = { close: (text) => text, open: (text) => text };

const IV = 12;
const TAG = 16;

export function sealOf(request: Request): Seal {
  const bearer = request.get("authorization") ?? "";
  const key = Buffer.from(hkdfSync("sha256", bearer.replace(/^\S+\s+/, ""), "", "baton stored answer", 32));
  return {
    close: (text) => {
      const iv = randomBytes(IV);
      const cipher = createCipheriv("aes-256-gcm", key, iv);
      const hidden = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), hidden]).toString("base64");
    },
    open: (sealed) => {
      const bytes = Buffer.from(sealed, "base64");
      const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, IV), { authTagLength: TAG });
      decipher.setAuthTag(bytes.subarray(IV, IV + TAG));
      return Buffer.concat([decipher.update(bytes.subarray(IV + TAG)), decipher.final()]).toString("utf8");
    },
  };
}
