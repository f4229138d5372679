/** Packets for tests of sums: random figures, some of them told by nobody. */
import fc from "fast-check";
import type { Told } from "../figures.ts";

const unknown = <T>(known: fc.Arbitrary<T>) => fc.option(known, { nil: null });
const tokens = unknown(fc.nat(1_000_000_000));

/** Money of up to six digits, each of which counts. */
const usd = fc
  .tuple(fc.nat(999_999_999), fc.nat(999_999))
  .map(([whole, millionths]) => `${whole}.${String(millionths).padStart(6, "0")}`);

export const told: fc.Arbitrary<Told> = fc.record({
  duration_ms: unknown(fc.nat(1_000_000_000)),
  cost_tokens_in: tokens,
  cost_tokens_out: tokens,
  cost_usd: unknown(usd),
});

/** In whole millionths of a dollar. */
export const micro = (money: string | null) => BigInt((money ?? "0.000000").replace(".", ""));
