/** The eight phases of a feature: their order, labels and agents. Owns the table; every other list of phases is derived. */

/** In order. `agent` and `agent_type` stand for who does the phase when nobody else is named. */
export const PHASES = {
  planning: { order: 1, label: "Planning", agent: "IN1", agent_type: "architect" },
  design_review: { order: 2, label: "Design", agent: "IN1", agent_type: "architect" },
  in_progress: { order: 3, label: "Build", agent: "IN2", agent_type: "builder" },
  qa_review: { order: 4, label: "Test", agent: "IN6", agent_type: "qa" },
  review: { order: 5, label: "Review", agent: "IN1", agent_type: "architect" },
  approved: { order: 6, label: "Approved", agent: "HBx", agent_type: "orchestrator" },
  pr_submitted: { order: 7, label: "PR Submitted", agent: "IN2", agent_type: "builder" },
  done: { order: 8, label: "Done", agent: "HBx", agent_type: "orchestrator" },
} as const satisfies Record<string, { order: number; label: string; agent: string; agent_type: string }>;

export type Phase = keyof typeof PHASES;

/** All phases in their order. */
export const PHASE_NAMES = Object.keys(PHASES) as [Phase, ...Phase[]];

export function isPhase(value: string): value is Phase {
  return Object.hasOwn(PHASES, value);
}

/** The phases that come before `phase`, in their order. */
export function phasesBefore(phase: Phase): Phase[] {
  return PHASE_NAMES.slice(0, PHASES[phase].order - 1);
}
