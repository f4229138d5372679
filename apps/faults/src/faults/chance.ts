/** Chance that repeats itself: the same seed gives the same numbers in the same order. */

/** Numbers from 0 up to, never quite, 1 (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One of them, by chance. */
export function oneOf<T>(chance: () => number, all: readonly T[]): T {
  const one = all[Math.floor(chance() * all.length)];
  if (one === undefined) throw new Error("there is nothing to choose from");
  return one;
}
