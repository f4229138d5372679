/** Sums of time, tokens and money: exact to the last digit, whatever the order. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { lessFigures, sumFigures, sumTold } from "./figures.ts";
import { micro, told } from "./testing/packets.ts";

const NONE = { duration_ms: 0, tokens_in: 0, tokens_out: 0, cost_usd: "0.000000" };
const cost = (cost_usd: string | null) => ({
  duration_ms: null,
  cost_tokens_in: null,
  cost_tokens_out: null,
  cost_usd,
});

test("a sum of nothing, and of what nobody told, is nothing", () => {
  expect(sumTold([])).toEqual(NONE);
  expect(sumTold([cost(null), cost(null)])).toEqual(NONE);
});

test("money is added as money: ten times ten cents are a dollar", () => {
  expect(sumTold(Array.from({ length: 10 }, () => cost("0.100000"))).cost_usd).toBe("1.000000");
  expect(sumTold([cost("0.5"), cost("7")]).cost_usd).toBe("7.500000");
  expect(sumTold([cost("999999999999.999999"), cost("0.000001")]).cost_usd).toBe("1000000000000.000000");
});

test("a sum is exact", () => {
  fc.assert(
    fc.property(fc.array(told), (packets) => {
      const sum = sumTold(packets);
      expect(micro(sum.cost_usd)).toBe(packets.reduce((total, { cost_usd }) => total + micro(cost_usd), 0n));
      expect(sum.tokens_in).toBe(packets.reduce((total, one) => total + (one.cost_tokens_in ?? 0), 0));
    }),
  );
});

test("parts add up to the whole, and the whole without one part is the other", () => {
  fc.assert(
    fc.property(fc.array(told), fc.array(told), (some, others) => {
      const whole = sumTold([...some, ...others]);
      expect(sumFigures([sumTold(others), sumTold(some)])).toEqual(whole);
      expect(lessFigures(whole, sumTold(some))).toEqual(sumTold(others));
    }),
  );
});
