/** The two arguments that prove a lease. */
import { Heartbeat, Id } from "@baton/domain/api";

export const HELD = {
  lease_id: Id.describe("`work.lease.id` of task_claim's answer"),
  epoch: Heartbeat.shape.epoch.describe("`work.lease.epoch` of task_claim's answer"),
};
