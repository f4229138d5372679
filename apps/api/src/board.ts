/** Bull Board over the four queues. It shows reminders; the truth about a task is in the API. */
import { createBullBoard } from "@bull-board/api";
import { BullMQAdapter } from "@bull-board/api/bullMQAdapter";
import { ExpressAdapter } from "@bull-board/express";
import type { Router } from "express";
import type { Parts } from "./parts.ts";

const BOARD_PATH = "/admin/queues";

export function boardRoutes({ line, board_write }: Parts): Router {
  const adapter = new ExpressAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: line.producer.queues().map((queue) => new BullMQAdapter(queue, { readOnlyMode: !board_write })),
    serverAdapter: adapter,
    options: {
      uiConfig: { boardTitle: "Baton", hideRedisDetails: true, hideDocsLink: true, showWorkers: false },
    },
  });
  return adapter.getRouter() as Router;
}
