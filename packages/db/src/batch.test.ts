/** The batcher: who goes out together, who gets which answer, and what one bad item or a server that is away does to the others. */
import { expect, test, vi } from "vitest";
import { openBatch } from "./batch.ts";

const coded = (code: string) => Object.assign(new Error(code), { code });

/** A write that is under way until it is let go. */
function gate() {
  const open: (() => void)[] = [];
  return { shut: () => new Promise<void>((resolve) => open.push(resolve)), letGo: () => open.shift()?.() };
}

/** The turn of the event loop ends, and what it brought goes out. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("a lone item goes out within its turn of the event loop, alone", async () => {
  const write = vi.fn<(items: number[]) => Promise<number[]>>(async (items) => items.map((item) => item * 2));
  const batch = openBatch(write);
  const answer = batch.add(1);
  await turn();
  expect(write).toHaveBeenCalledWith([1]);
  expect(await answer).toBe(2);
});

test("what one turn of the event loop brings goes out together, by whatever way it comes", async () => {
  const sizes: number[] = [];
  const batch = openBatch(async (items: number[]) => {
    sizes.push(items.length);
    return items;
  });
  const late = Promise.resolve()
    .then(() => Promise.resolve())
    .then(() => batch.add(3));
  expect(await Promise.all([batch.add(1), batch.add(2), late])).toEqual([1, 2, 3]);
  expect(sizes).toEqual([3]);
});

test("what arrives while others are being written goes out together, and each gets its own answer", async () => {
  const { shut, letGo } = gate();
  const sizes: number[] = [];
  const batch = openBatch(
    async (items: number[]) => {
      sizes.push(items.length);
      if (sizes.length === 1) await shut();
      return items.map((item) => item * 2);
    },
    { lanes: 1 },
  );
  const first = batch.add(1);
  await turn();
  const others = [2, 3, 4].map((item) => batch.add(item));
  letGo();
  expect(await Promise.all([first, ...others])).toEqual([2, 4, 6, 8]);
  expect(sizes).toEqual([1, 3]);
});

test("no statement holds more than it may, and no more are under way than there are lanes", async () => {
  const sizes: number[] = [];
  let [under_way, most] = [0, 0];
  const batch = openBatch(
    async (items: number[]) => {
      sizes.push(items.length);
      under_way += 1;
      most = Math.max(most, under_way);
      await Promise.resolve();
      under_way -= 1;
      return items;
    },
    { lanes: 2, most: 10 },
  );
  const items = Array.from({ length: 55 }, (_, i) => i);
  expect(await Promise.all(items.map((item) => batch.add(item)))).toEqual(items);
  expect(Math.max(...sizes)).toBe(10);
  expect(most).toBe(2);
});

/** The first item goes out alone and is held up; what comes meanwhile goes out as one. */
async function together(write: (items: string[]) => Promise<string[]>, items: string[]) {
  const { shut, letGo } = gate();
  const batch = openBatch((some: string[]) => (some[0] === "first" ? shut().then(() => some) : write(some)), {
    lanes: 1,
  });
  const first = batch.add("first");
  await turn();
  const ends = Promise.allSettled(items.map((item) => batch.add(item)));
  letGo();
  await first;
  return (await ends).map((end) => (end.status === "fulfilled" ? end.value : String(end.reason)));
}

test("one item that cannot be written fails alone", async () => {
  const write = async (items: string[]) => {
    if (items.includes("bad")) throw coded("23514");
    return items.map((item) => `${item} written`);
  };
  expect(await together(write, ["a", "bad", "b"])).toEqual(["a written", "Error: 23514", "b written"]);
});

test("one item whose row is busy fails alone", async () => {
  const write = async (items: string[]) => {
    if (items.includes("busy")) throw coded("55P03");
    return items;
  };
  expect(await together(write, ["a", "busy", "b"])).toEqual(["a", "Error: 55P03", "b"]);
});

test.each(["ECONNRESET", "57P01", "57014"])(
  "after %s nobody knows what was written: nothing is written again and all are told",
  async (code) => {
    const write = vi.fn<(items: string[]) => Promise<string[]>>(() => Promise.reject(coded(code)));
    expect(await together(write, ["a", "b", "c"])).toEqual([1, 2, 3].map(() => `Error: ${code}`));
    expect(write).toHaveBeenCalledTimes(1);
  },
);

test("a server that goes away while items are written one by one fails the rest without asking again", async () => {
  const write = vi.fn<(items: string[]) => Promise<string[]>>(async (items) => {
    throw coded(items.length > 1 ? "23514" : "ECONNREFUSED");
  });
  expect(await together(write, ["a", "b", "c"])).toEqual([1, 2, 3].map(() => "Error: ECONNREFUSED"));
  expect(write).toHaveBeenCalledTimes(2);
});

test("a statement that met another one is written again", async () => {
  let met = false;
  const batch = openBatch(async (items: number[]) => {
    if (met) return items;
    met = true;
    throw coded("40P01");
  });
  expect(await batch.add(1)).toBe(1);
});

test("a batch goes on after a failure", async () => {
  let broken = true;
  const batch = openBatch(async (items: number[]) => {
    if (broken) throw coded("23514");
    return items;
  });
  await expect(batch.add(1)).rejects.toThrow("23514");
  broken = false;
  expect(await batch.add(2)).toBe(2);
});

test("an answer that is missing is not taken for one", async () => {
  const batch = openBatch(async (_: number[]): Promise<number[]> => []);
  await expect(batch.add(1)).rejects.toThrow("did not answer");
});
