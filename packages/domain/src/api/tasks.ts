/** Tasks on the wire: looking at them, and an operator's steps. */
import { z } from "zod";
import { FAULTS, OUTCOMES } from "../outcomes.ts";
import { Limits } from "../settings.ts";
import { BLOCK_KINDS, TASK_STATES } from "../states.ts";
import { EVENT_TYPES } from "../transitions.ts";
import { Id, listOf, Note, Page, PlaceName, StageName, Time } from "./fields.ts";

export const AdvanceStage = z.strictObject({ result: z.enum(["pass", "fail"]), notes: Note.optional() });
export type AdvanceStage = z.infer<typeof AdvanceStage>;

export const SetStage = z.strictObject({ stage: StageName });
export type SetStage = z.infer<typeof SetStage>;

export const CancelTask = z.strictObject({ reason: Note.optional() });
export type CancelTask = z.infer<typeof CancelTask>;

export const TaskView = z
  .object({
    id: Id,
    run_id: Id,
    project_id: Id,
    title: z.string(),
    description: z.string(),
    acceptance_criteria: z.array(z.string()),
    priority: z.int(),
    stage: PlaceName,
    state: z.enum(TASK_STATES),
    visit: z.int(),
    attempt: z.int(),
    failures: z.int(),
    crashes: z.int(),
    rejections: z.int(),
    limits: Limits,
    due_at: Time,
    blocked: z.object({ kind: z.enum(BLOCK_KINDS), reason: z.string(), until: Time.nullable() }).nullable(),
    depends_on: z.array(Id),
    branch: z.string(),
    created_at: Time,
    updated_at: Time,
    finished_at: Time.nullable(),
  })
  .meta({ id: "Task" });
export type TaskView = z.infer<typeof TaskView>;

export const TaskAnswer = z.object({ task: TaskView });
export type TaskAnswer = z.infer<typeof TaskAnswer>;

const wanted = { run_id: Id.optional(), stage: PlaceName.optional() };

export const ListTasks = z.strictObject({
  ...Page,
  ...wanted,
  state: z.enum(TASK_STATES).optional(),
  /** Only those whose holder lives and has shown nothing new for longer than the project allows. */
  stuck: z.literal("true").optional(),
});
export type ListTasks = z.infer<typeof ListTasks>;
export const TaskList = listOf(TaskView);
export type TaskList = z.infer<typeof TaskList>;

export const ReadyTasks = z.strictObject({ limit: Page.limit, run_id: Id.optional(), stage: StageName.optional() });
export type ReadyTasks = z.infer<typeof ReadyTasks>;
/** Ready tasks in the order in which they would be claimed. */
export const QueueView = z.object({ items: z.array(TaskView) });
export type QueueView = z.infer<typeof QueueView>;

export const EventView = z
  .object({
    seq: z.int(),
    type: z.enum(EVENT_TYPES),
    from: z.object({ stage: PlaceName, state: z.enum([...TASK_STATES, "new"]) }),
    to: z.object({ stage: PlaceName, state: z.enum(TASK_STATES) }),
    visit: z.int(),
    attempt: z.int(),
    epoch: z.int(),
    charged: z.enum(["nothing", "loop_back", "attempt", "crash", "resets"]),
    actor: z.string(),
    at: Time,
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: "Event" });
export type EventView = z.infer<typeof EventView>;

/** The cursor of a timeline is the `seq` of the last event seen. */
export const Timeline = z.strictObject({
  limit: Page.limit,
  cursor: z
    .string()
    .regex(/^\d{1,9}$/)
    .optional(),
});
export type Timeline = z.infer<typeof Timeline>;
export const EventList = listOf(EventView);
export type EventList = z.infer<typeof EventList>;

const Blocker = z.object({
  kind: z.string(),
  task_id: Id.optional(),
  title: z.string().optional(),
  reason: z.string(),
});

const Holder = z.object({
  agent_id: z.string(),
  lease_id: Id,
  started_at: Time,
  last_heartbeat_at: Time,
  /** When something new was last seen of the work. */
  last_progress_at: Time,
  /** What the agent last said it was doing. */
  progress: z.string().nullable(),
  expires_at: Time,
  /** When the lease ends whatever its heartbeats say. */
  deadline_at: Time.nullable(),
  alive: z.boolean(),
  /** It lives, and nothing new was seen for longer than `idle_minutes`. Reported, never taken away. */
  stuck: z.boolean(),
  idle_minutes: z.int(),
});

const AttemptView = z.object({
  lease_id: Id,
  stage: StageName,
  visit: z.int(),
  attempt: z.int(),
  agent_id: z.string(),
  started_at: Time,
  ended_at: Time.nullable(),
  outcome: z.enum(OUTCOMES).nullable(),
  fault: z.enum(FAULTS).nullable(),
  message: z.string().nullable(),
});
export type AttemptView = z.infer<typeof AttemptView>;

export const ExplainView = z
  .object({
    task_id: Id,
    state: z.enum(TASK_STATES),
    moving: z.boolean(),
    /** One sentence for people. */
    why: z.string(),
    blockers: z.array(Blocker),
    holder: Holder.nullable(),
    next_due_at: Time.nullable(),
    /** Tasks that can begin once this one completes. */
    frees: z.array(z.object({ task_id: Id, title: z.string() })),
    attempts: z.array(AttemptView),
  })
  .meta({ id: "Explanation" });
export type ExplainView = z.infer<typeof ExplainView>;

export const PostMessage = z.strictObject({ text: Note }).meta({ id: "PostMessage" });
export type PostMessage = z.infer<typeof PostMessage>;

export const MessageView = z
  .object({
    id: Id,
    task_id: Id,
    author: z.string(),
    text: z.string(),
    created_at: Time,
    /** When a holder's heartbeat took it, and under which lease. */
    delivered_at: Time.nullable(),
    lease_id: Id.nullable(),
  })
  .meta({ id: "Message" });
export type MessageView = z.infer<typeof MessageView>;

export const MessageAnswer = z.object({ message: MessageView });
export type MessageAnswer = z.infer<typeof MessageAnswer>;

/** Newest first. */
export const ListMessages = z.strictObject(Page);
export type ListMessages = z.infer<typeof ListMessages>;
export const MessageList = listOf(MessageView);
export type MessageList = z.infer<typeof MessageList>;
