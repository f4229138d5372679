/**
 * The dev agent of the sample run: a script, not a model, and it says so wherever it leaves a word. It has two ideas about
 * the bug; findings in the packet are what makes it give up the first. Owns its edit and its handoff; Baton commits both.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { surroundings } from "./env.ts";
import { FIRST_IDEA, type Fix, SECOND_IDEA } from "./fixes.ts";
import { openFindings } from "./packet.ts";

const LABEL = "agent: scripted, no model";
const SOURCE = "src/slug.js";
/** Long enough for a watcher to read along. */
const STEP_MS = 250;

const log: { timestamp: string; event: string }[] = [];

async function say(event: string): Promise<void> {
  log.push({ timestamp: new Date().toISOString(), event });
  console.log(`[scripted dev agent] ${event}`);
  await pause(STEP_MS);
}

/** True when the file is another one than before. */
function apply(fix: Fix): boolean {
  const before = readFileSync(SOURCE, "utf8");
  const after = fix.edit(before);
  if (after !== before) writeFileSync(SOURCE, after);
  return after !== before;
}

function handoff(fix: Fix, changed: boolean): object {
  return {
    result: "pass",
    output_summary: changed ? `${fix.decision} (${LABEL}).` : `${SOURCE} needs no further change (${LABEL}).`,
    output_artifacts: changed ? [{ type: "file", path: SOURCE, action: "modified" }] : [],
    output_decisions: changed ? [{ decision: fix.decision, rationale: fix.rationale }] : [],
    activity_log: log,
    usage: { tokens_in: 0, tokens_out: 0, cost_usd: 0, model: "scripted" },
  };
}

const told = surroundings();
await say(`${LABEL}; task ${told.BATON_TASK_ID}, ${told.BATON_STAGE}, visit ${told.BATON_VISIT}`);
const findings = openFindings(told.BATON_PACKET);
await say(
  findings.length === 0 ? "no findings: a first look" : `sent back for: ${findings.map((f) => f.title).join("; ")}`,
);
const fix = findings.length === 0 ? FIRST_IDEA : SECOND_IDEA;
await say(fix.idea);
const changed = apply(fix);
await say(changed ? `changed ${SOURCE}` : `${SOURCE} stays as it is`);
writeFileSync(join(told.BATON_OUT, "handoff.json"), JSON.stringify(handoff(fix, changed), null, 2));
