/** Puts the server's application together, in the order in which a request passes through it. */
import express, { type Express, type RequestHandler } from "express";
import helmet, { type HelmetOptions } from "helmet";
import { adminRoutes } from "./admin.ts";
import { docsRoutes } from "./docs.ts";
import type { Drain } from "./drain.ts";
import { DRAINING, healthRoutes } from "./health.ts";
import { letGo } from "./let-go.ts";
import { requestLog } from "./log.ts";
import { loginLimit } from "./login.ts";
import { mcpRoutes } from "./mcp.ts";
import { openMetrics } from "./metrics.ts";
import type { Parts } from "./parts.ts";
import { notFound, problemHandler, sendProblem } from "./problems.ts";
import { apiRouter } from "./router.ts";

export function buildApp(parts: Parts): Express {
  const metrics = openMetrics(parts);
  const app = express();
  app.disable("x-powered-by").disable("etag").enable("case sensitive routing").enable("strict routing");
  app.use(requestLog(parts.log), metrics.observe, letGo, helmet(HEADERS));
  app.use(healthRoutes(parts), metrics.routes, whileServing(parts.drain));
  app.post("/api/login", loginLimit());
  app.use(apiRouter(parts), mcpRoutes(parts), docsRoutes(), adminRoutes(parts));
  app.use(notFound, problemHandler(parts.log));
  return app;
}

/** For answers that are no pages: nothing may be loaded from them. TLS, where there is any, ends before us. */
const HEADERS: HelmetOptions = {
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  strictTransportSecurity: false,
  xFrameOptions: { action: "deny" },
};

/** Connections that are kept alive could bring work after the shutdown began. */
function whileServing(drain: Drain): RequestHandler {
  return (request, response, next) => {
    if (!drain.draining) return next();
    response.set("Connection", "close");
    sendProblem(request, response, DRAINING);
  };
}
