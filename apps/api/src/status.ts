/** GET /api/status. Without a token it tells the version, so that anyone can see what runs here and nothing else. */
import { ok, type Result } from "@baton/domain";
import { status } from "@baton/pipeline";
import type { Ask, Reply } from "./handlers.ts";
import { VERSION } from "./parts.ts";

export async function tellStatus({ who, parts }: Ask<"status">): Promise<Result<Reply<"status">>> {
  if (who === null) return ok({ status: 200, value: { version: VERSION } });
  const { database, queue, stages } = await status(parts.line, who.workspace_id);
  return ok({
    status: 200,
    value: { version: VERSION, database, queue: { backend: parts.backend, ...queue }, stages },
  });
}
