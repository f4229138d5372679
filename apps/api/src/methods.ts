/** What is said to a known path with another method: what would be allowed. */
import type { RequestHandler } from "express";
import { sendProblem } from "./problems.ts";

/** HEAD comes with GET. */
export function refuseOthers(methods: readonly string[]): RequestHandler {
  const allow = [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].join(", ");
  return (request, response) => {
    response.set("Allow", allow);
    if (request.method === "OPTIONS") response.status(204).end();
    else sendProblem(request, response, { code: "method_not_allowed", detail: `Allowed here: ${allow}.` });
  };
}
