/** What an attempt was told: the role, its version and the prompt, by its SHA-256. */
import type { AgentRole } from "@baton/domain";
import type { Db } from "./client.ts";

export interface GivenPrompt {
  lease_id: string;
  epoch: number;
  role: AgentRole;
  role_version: number;
  sha256: string;
}

const RECORD = {
  name: "baton_record_prompt",
  text: `
    update attempts set role = $3, role_version = $4, prompt_sha256 = $5
    where id = $1 and epoch = $2 and ended_at is null
      and (role, role_version, prompt_sha256) is distinct from ($3, $4::int, $5)`,
};

/** Of a lease that still lives. The same again changes nothing. */
export async function recordPrompt(db: Db, given: GivenPrompt): Promise<void> {
  await db.run(RECORD, [given.lease_id, given.epoch, given.role, given.role_version, given.sha256]);
}
