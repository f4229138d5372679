/** Who asks: a token of a workspace with a role. */
import type { Role, Stage } from "@baton/domain";

export interface Principal {
  token_id: string;
  workspace_id: string;
  role: Role;
  /** Stages an agent is limited to; null means all. */
  stages: readonly Stage[] | null;
  name: string;
}
