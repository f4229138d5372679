/** Claims that were not heard, held against those that were made: how many answers were really lost, and whether "nothing" was true. Pure. */

export interface Lost {
  claim_id: string;
  /** What came of asking again. `a new one`: only the second try made the claim, so that no answer was lost. */
  again: "not asked" | "the same" | "a new one" | "nothing" | "too late" | "refused";
}

export function judgeLosses(
  losses: readonly Lost[],
  made_ids: ReadonlySet<string>,
): { made: number; faults: string[] } {
  const made = losses.filter(({ claim_id }) => made_ids.has(claim_id));
  return {
    made: made.filter(({ again }) => again !== "a new one").length,
    faults: made
      .filter(({ again }) => again === "nothing")
      .map(({ claim_id }) => `claim ${claim_id} was made; asked again, it is told that there is nothing`),
  };
}
