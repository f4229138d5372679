/** Is the process up, and can it serve? For supervisors and load balancers, without a token. */
import { setTimeout as sleep } from "node:timers/promises";
import { ping } from "@baton/pipeline";
import { type Request, type Response, Router } from "express";
import { refuseOthers } from "./methods.ts";
import type { Parts } from "./parts.ts";
import { sendProblem } from "./problems.ts";

/** A probe wants to know now; a database that takes longer does not answer. */
const PING_MS = 2_000;

export function healthRoutes({ line, drain }: Parts): Router {
  const router = Router();
  router.get("/healthz", (_request, response) => {
    response.json({ ok: true });
  });
  router.get("/readyz", async (request: Request, response: Response) => {
    if (drain.draining) return sendProblem(request, response, DRAINING);
    if (!(await answersInTime(ping(line)))) return sendProblem(request, response, AWAY);
    response.json({ ok: true });
  });
  router.all(["/healthz", "/readyz"], refuseOthers(["GET"]));
  return router;
}

export const DRAINING = {
  code: "draining",
  detail: "The server is shutting down. Try again in a moment, with the same key.",
  retry_after_s: 1,
} as const;

const AWAY = { code: "unavailable", detail: "The database does not answer.", retry_after_s: 1 } as const;

async function answersInTime(answer: Promise<void>): Promise<boolean> {
  const answered = answer.then(
    () => true,
    () => false,
  );
  return Promise.race([answered, sleep(PING_MS, false, { ref: false })]);
}
