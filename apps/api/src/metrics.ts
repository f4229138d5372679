/** GET /metrics for Prometheus: how long requests take, how deep the stages are, how the process does. No tenant and no task is named. */
import { STAGES } from "@baton/domain";
import { status, unsent } from "@baton/pipeline";
import { type RequestHandler, type Response, Router } from "express";
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { Parts } from "./parts.ts";

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Metrics {
  observe: RequestHandler;
  routes: Router;
}

export function openMetrics(parts: Parts): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: "baton_http_request_duration_seconds",
    help: "Time to answer a request, long polls included.",
    labelNames: ["method", "route", "status"],
    buckets: SECONDS,
    registers: [registry],
  });
  const line = lineGauges(registry);
  const routes = Router();
  routes.get("/metrics", async (_request, response) => {
    await line.read(parts);
    response.type(registry.contentType).send(await registry.metrics());
  });
  return { observe: observer(requests), routes };
}

function observer(requests: Histogram): RequestHandler {
  return (request, response: Response, next) => {
    const stop = requests.startTimer();
    response.once("close", () => {
      // Only routes of ours make a label: anything else could be made up by the caller without end.
      const route = (response.locals.route as string | undefined) ?? "other";
      stop({ method: route === "other" ? "other" : request.method, route, status: response.statusCode });
    });
    next();
  };
}

/** Read when asked for; a database that does not answer shows as `baton_database_up 0`. */
function lineGauges(registry: Registry) {
  const gauge = (name: string, help: string, labelNames: string[] = []) =>
    new Gauge({ name, help, labelNames, registers: [registry] });
  const up = gauge("baton_database_up", "Whether Postgres answers.");
  const queueUp = gauge("baton_queue_up", "Whether the queue back end answers.");
  const ready = gauge("baton_tasks_ready", "Tasks that a claim would get now, or once their project has room.", [
    "stage",
  ]);
  const running = gauge("baton_tasks_running", "Tasks that an agent holds.", ["stage"]);
  const oldest = gauge("baton_oldest_ready_seconds", "How long the oldest ready task has waited.", ["stage"]);
  const outbox = gauge("baton_outbox_tickets", "Tickets committed and not yet in the queue.");
  const polls = gauge("baton_polls_waiting", "Agents that wait for work in a long poll of this process.");
  const read = async ({ line, drain }: Parts) => {
    polls.set(drain.waiting);
    const [seen, waiting] = await Promise.all([status(line, null), unsent(line).catch(() => null)]);
    up.set(seen.database.ok ? 1 : 0);
    queueUp.set(seen.queue.ok ? 1 : 0);
    if (waiting !== null) outbox.set(waiting);
    for (const stage of seen.database.ok ? STAGES : []) {
      ready.set({ stage }, seen.stages[stage].ready);
      running.set({ stage }, seen.stages[stage].running);
      oldest.set({ stage }, seen.stages[stage].oldest_ready_s ?? 0);
    }
  };
  return { read };
}
