/** Calls on tasks. */
import { IdParams, Nothing } from "../fields.ts";
import { LedgerView } from "../ledger.ts";
import { get, post } from "../route.ts";
import * as tasks from "../tasks.ts";
import { ADMINS, EVERYBODY, MAKERS, ONCE, ONE } from "./shared.ts";

const task = { tag: "tasks" } as const;
const changeTask = {
  ...task,
  ...MAKERS,
  ...ONCE,
  params: IdParams,
  answers: { 200: tasks.TaskAnswer },
  refusals: ["not_found", "transition_not_allowed", "lease_held", "run_closed", "conflict"],
} as const;

export const taskRoutes = {
  listTasks: get("/api/tasks", {
    ...task,
    ...MAKERS,
    summary: "List tasks",
    query: tasks.ListTasks,
    answers: { 200: tasks.TaskList },
  }),
  readyTasks: get("/api/tasks/queue", {
    ...task,
    ...MAKERS,
    summary: "Ready tasks in the order in which they would be claimed",
    query: tasks.ReadyTasks,
    answers: { 200: tasks.QueueView },
  }),
  getTask: get("/api/tasks/:id", {
    ...task,
    ...EVERYBODY,
    ...ONE,
    summary: "Look at a task",
    answers: { 200: tasks.TaskAnswer },
  }),
  timeline: get("/api/tasks/:id/timeline", {
    ...task,
    ...EVERYBODY,
    ...ONE,
    summary: "The events of a task, in order",
    query: tasks.Timeline,
    answers: { 200: tasks.EventList },
  }),
  ledger: get("/api/tasks/:id/ledger", {
    ...task,
    ...MAKERS,
    ...ONE,
    summary: "The events of a task as a chain of hashes, with the packets, findings and artifacts they vouch for",
    answers: { 200: LedgerView },
  }),
  explain: get("/api/tasks/:id/explain", {
    ...task,
    ...EVERYBODY,
    ...ONE,
    summary: "Why a task is or is not moving",
    answers: { 200: tasks.ExplainView },
  }),
  advanceStage: post("/api/tasks/:id/advance-stage", {
    ...changeTask,
    summary: "Move a task on, or back to dev, without a lease",
    body: tasks.AdvanceStage,
  }),
  setStage: post("/api/tasks/:id/set-stage", {
    ...changeTask,
    ...ADMINS,
    summary: "Put a task into a stage",
    body: tasks.SetStage,
  }),
  cancelTask: post("/api/tasks/:id/cancel", {
    ...changeTask,
    summary: "Take a task off the line",
    body: tasks.CancelTask,
  }),
  reopenTask: post("/api/tasks/:id/reopen", {
    ...changeTask,
    summary: "Bring a failed or cancelled task back, with its counters at zero",
    body: Nothing,
  }),
  postMessage: post("/api/tasks/:id/messages", {
    ...changeTask,
    summary: "Leave a message for whoever holds the task, told with its next heartbeat",
    body: tasks.PostMessage,
    answers: { 201: tasks.MessageAnswer },
    refusals: ["not_found", "transition_not_allowed"],
  }),
  listMessages: get("/api/tasks/:id/messages", {
    ...task,
    ...EVERYBODY,
    ...ONE,
    summary: "Messages for the holders of a task",
    query: tasks.ListMessages,
    answers: { 200: tasks.MessageList },
  }),
  unblockTask: post("/api/tasks/:id/unblock", { ...changeTask, summary: "Let a blocked task go on", body: Nothing }),
};
