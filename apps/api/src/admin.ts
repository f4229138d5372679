/** The pages under /admin: a form to log in with, and Bull Board behind the session. To anyone without a session the board is not there. */
import { type RequestHandler, type Response, Router } from "express";
import { boardRoutes } from "./board.ts";
import { page, pagePolicy } from "./page.ts";
import type { Parts } from "./parts.ts";
import { notFound, sendProblem } from "./problems.ts";
import { sessionHolder } from "./session.ts";

export function adminRoutes(parts: Parts): Router {
  const router = Router();
  router.get("/admin", pagePolicy(), async (request, response: Response) => {
    if (await sessionHolder(parts.line, request, Date.now())) response.redirect(303, "/admin/queues");
    else response.type("html").send(page("Baton", HEAD, FORM));
  });
  router.get("/admin/login.js", (_request, response) => {
    response.type("text/javascript").send(SCRIPT);
  });
  router.get("/admin/login.css", (_request, response) => {
    response.type("text/css").send(STYLE);
  });
  router.use("/admin/queues", admins(parts), sameOrigin, pagePolicy("inline"), boardRoutes(parts));
  return router;
}

function admins({ line }: Parts): RequestHandler {
  return async (request, response, next) => {
    if (await sessionHolder(line, request, Date.now())) next();
    else notFound(request, response);
  };
}

/** A change must come from a page of ours: the cookie alone proves only whose browser it is. */
const sameOrigin: RequestHandler = (request, response, next) => {
  const reads = ["GET", "HEAD", "OPTIONS"].includes(request.method);
  if (reads || request.get("sec-fetch-site") === "same-origin") next();
  else sendProblem(request, response, { code: "forbidden", detail: "Changes must come from the board itself." });
};

const HEAD = `<link rel="stylesheet" href="/admin/login.css">
<link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
<script src="/admin/login.js" defer></script>`;

const FORM = `<main>
<h1>Baton</h1>
<form id="login">
<label for="token">Admin token</label>
<input id="token" type="password" autocomplete="off" required autofocus>
<button>Log in</button>
<p id="problem" role="alert"></p>
</form>
</main>`;

const SCRIPT = `const form = document.getElementById("login");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const answer = await fetch("/api/login", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token: document.getElementById("token").value.trim() }),
  });
  if (answer.ok) location.assign("/admin/queues");
  else document.getElementById("problem").textContent = (await answer.json()).detail;
});
`;

const STYLE = `body { font-family: system-ui, sans-serif; background: #14181f; color: #e6e9ee; }
main { max-width: 22rem; margin: 15vh auto; padding: 0 1rem; }
label, input, button { display: block; width: 100%; box-sizing: border-box; margin-top: 0.75rem; font: inherit; }
input, button { padding: 0.6rem; border: 1px solid #59667a; border-radius: 0.4rem; }
input { background: #1d232c; color: inherit; }
button { background: #2f6fde; color: #fff; cursor: pointer; }
#problem { color: #ffb4a8; min-height: 1.5em; }
`;
