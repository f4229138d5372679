/** GET /api/docs: Swagger UI over the generated document, and what each problem code means. All files come from here. */
import { fileURLToPath } from "node:url";
import { ERRORS } from "@baton/domain";
import express, { Router } from "express";
import { refuseOthers } from "./methods.ts";
import { openApiDocument } from "./openapi.ts";
import { escaped, page, pagePolicy } from "./page.ts";

const SWAGGER = fileURLToPath(new URL(".", import.meta.resolve("swagger-ui-dist/package.json")));
const FILES = /^\/(swagger-ui-bundle\.js|swagger-ui\.css|favicon-32x32\.png)$/;

export function docsRoutes(): Router {
  const router = Router();
  const document = JSON.stringify(openApiDocument());
  router.get("/api/openapi.json", (_request, response) => {
    response.type("application/json").send(document);
  });
  router.all("/api/openapi.json", refuseOthers(["GET"]));
  router.use("/api/docs", pagePolicy("inline"));
  router.get("/api/docs", (_request, response) => {
    response.type("html").send(page("Baton API", HEAD, BODY));
  });
  router.all("/api/docs", refuseOthers(["GET"]));
  router.get("/api/docs/start.js", (_request, response) => {
    response.type("text/javascript").send(START);
  });
  const files = express.static(SWAGGER, { index: false, redirect: false, fallthrough: true });
  router.use("/api/docs", (request, response, next) => {
    if (FILES.test(request.path)) files(request, response, next);
    else next();
  });
  return router;
}

const START = `SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: false,
  validatorUrl: null,
  persistAuthorization: false,
});
`;

const HEAD = `<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
<script src="/api/docs/start.js" defer></script>`;

const CODES = Object.entries(ERRORS)
  .map(
    ([code, { status, title }]) => `<dt id="${code}"><code>${code}</code> (${status})</dt><dd>${escaped(title)}.</dd>`,
  )
  .join("\n");

const BODY = `<div id="swagger-ui"></div>
<section class="swagger-ui"><div class="wrapper">
<h2>Problems</h2>
<p>A refused request is answered as <code>application/problem+json</code> with one of these codes.</p>
<dl>
${CODES}
</dl>
</div></section>`;
