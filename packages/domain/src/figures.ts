/** Time, tokens and money as they are summed: whole milliseconds, whole tokens, and money in whole micro-dollars, so that totals add up to the last digit. */
import type { Packet } from "./packet.ts";

/** What a packet says it took; null where nobody said anything. */
export type Told = Pick<Packet, "duration_ms" | "cost_tokens_in" | "cost_tokens_out" | "cost_usd">;

export interface Figures {
  duration_ms: number;
  tokens_in: number;
  tokens_out: number;
  /** USD with six digits. */
  cost_usd: string;
}

/** What nobody said counts as nothing. */
export function sumTold(all: readonly Told[]): Figures {
  return sumFigures(
    all.map((one) => ({
      duration_ms: one.duration_ms ?? 0,
      tokens_in: one.cost_tokens_in ?? 0,
      tokens_out: one.cost_tokens_out ?? 0,
      cost_usd: one.cost_usd ?? "0",
    })),
  );
}

export function sumFigures(all: readonly Figures[]): Figures {
  const sum = (field: "duration_ms" | "tokens_in" | "tokens_out") =>
    all.reduce((total, figures) => total + figures[field], 0);
  return {
    duration_ms: sum("duration_ms"),
    tokens_in: sum("tokens_in"),
    tokens_out: sum("tokens_out"),
    cost_usd: dollars(all.reduce((total, figures) => total + microDollars(figures.cost_usd), 0n)),
  };
}

/** What is left of `all` without `part`. */
export function lessFigures(all: Figures, part: Figures): Figures {
  return {
    duration_ms: all.duration_ms - part.duration_ms,
    tokens_in: all.tokens_in - part.tokens_in,
    tokens_out: all.tokens_out - part.tokens_out,
    cost_usd: dollars(microDollars(all.cost_usd) - microDollars(part.cost_usd)),
  };
}

/** What is left of `all` without `part`, USD with six digits: nothing at least. */
export function lessMoney(all: string, part: string): string {
  const left = microDollars(all) - microDollars(part);
  return dollars(left > 0n ? left : 0n);
}

function microDollars(usd: string): bigint {
  const [whole = "0", digits = ""] = usd.split(".");
  return BigInt(whole + digits.padEnd(6, "0"));
}

function dollars(micro: bigint): string {
  const digits = String(micro).padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
}
