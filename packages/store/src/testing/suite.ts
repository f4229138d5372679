/** What every store keeps, wherever its contents lie. Run once for each place. */
import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import type { ArtifactStore, Expected, Received } from "../store.ts";

export interface Bench {
  store: ArtifactStore;
  /** The folder of uploads under way. */
  temporary(): Promise<string[]>;
  /** Flips a bit of what lies under the address. */
  damage(checksum: string, at: number): Promise<void>;
}

const MB = 1024 * 1024;
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");

/** All that comes, in a list. */
export async function allOf<T>(items: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

interface Hands {
  bench: () => Bench;
  taken(bytes: Buffer | string, expected?: Partial<Expected>): Promise<Received>;
  kept(bytes: Buffer | string): Promise<string>;
  contents(): Promise<string[]>;
}

export function storeSuite(bench: () => Bench): void {
  const taken = async (bytes: Buffer | string, expected: Partial<Expected> = {}): Promise<Received> => {
    const answer = await bench().store.receive(Readable.from([Buffer.from(bytes)]), { limit_bytes: MB, ...expected });
    if (!answer.ok) throw new Error(answer.problem.detail);
    return answer.value;
  };
  const kept = async (bytes: Buffer | string): Promise<string> => {
    const received = await taken(bytes);
    await bench().store.keep(received);
    await bench().store.discard(received);
    return received.checksum;
  };
  const contents = async () => (await allOf(bench().store.list())).map(({ checksum }) => checksum);
  const hands: Hands = { bench, taken, kept, contents };
  putting(hands);
  refusing(hands);
  looking(hands);
}

function putting({ bench, taken, kept, contents }: Hands): void {
  test("what is kept is found under its SHA-256, byte for byte", async () => {
    const bytes = randomBytes(300_000);
    const checksum = await kept(bytes);
    expect(checksum).toBe(sha256(bytes));
    const opened = await bench().store.open(checksum);
    expect(opened?.size_bytes).toBe(bytes.length);
    expect(Buffer.concat(await allOf(opened?.stream ?? [])).equals(bytes)).toBe(true);
    expect(await bench().store.verify(checksum)).toEqual({ ok: true, size_bytes: bytes.length });
  });

  test("an empty file is a content too", async () => {
    const checksum = await kept("");
    const opened = await bench().store.open(checksum);
    expect(opened?.size_bytes).toBe(0);
    expect(await text(opened?.stream ?? Readable.from([]))).toBe("");
  });

  test("what was received and not kept is not there", async () => {
    const received = await taken("only received");
    expect(await bench().store.has(received.checksum)).toBe(false);
    expect(await bench().store.open(received.checksum)).toBeNull();
    expect(await bench().store.verify(received.checksum)).toEqual({ ok: false, damage: "missing" });
    await bench().store.discard(received);
    expect(await bench().temporary()).toEqual([]);
  });

  test("the same content put twice at once is there once, and kept again it stays", async () => {
    const both = await Promise.all([taken("twice"), taken("twice")]);
    await Promise.all(both.map((received) => bench().store.keep(received)));
    await bench().store.keep(both[0]);
    await Promise.all(both.map((received) => bench().store.discard(received)));
    expect((await contents()).filter((checksum) => checksum === sha256("twice"))).toHaveLength(1);
    expect(await bench().store.verify(sha256("twice"))).toEqual({ ok: true, size_bytes: 5 });
    expect(await bench().temporary()).toEqual([]);
  });
}

function refusing({ bench }: Hands): void {
  test("bytes that are not the announced ones are refused, and nothing is left of them", async () => {
    const sent = (expected: Partial<Expected>) =>
      bench().store.receive(Readable.from([Buffer.from("hello")]), { limit_bytes: 5, ...expected });
    const refusal = { ok: false, problem: { code: "checksum_mismatch" } };
    expect(await sent({ expected_sha256: sha256("other") })).toMatchObject(refusal);
    expect(await sent({ expected_bytes: 4 })).toMatchObject(refusal);
    expect(await sent({ expected_bytes: 6 })).toMatchObject({ ok: false, problem: { code: "too_large" } });
    expect(await sent({ limit_bytes: 4 })).toMatchObject({ ok: false, problem: { code: "too_large" } });
    expect(await bench().temporary()).toEqual([]);
    expect(await bench().store.has(sha256("hello"))).toBe(false);
  });

  test("a stream that breaks off leaves nothing", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw new Error("gone");
      })(),
    );
    const answer = await bench().store.receive(broken, { limit_bytes: MB });
    expect(answer).toMatchObject({ ok: false, problem: { code: "request_timeout" } });
    expect(await bench().temporary()).toEqual([]);
  });
}

function looking({ bench, kept, contents }: Hands): void {
  test("a flipped bit is found, and never does the damaged content arrive as a whole", async () => {
    const bytes = randomBytes(200_000);
    const checksum = await kept(bytes);
    await bench().damage(checksum, 199_999);
    expect(await bench().store.verify(checksum)).toEqual({ ok: false, damage: "changed" });
    const opened = await bench().store.open(checksum);
    let arrived = 0;
    const read = async () => {
      for await (const chunk of opened?.stream ?? []) arrived += (chunk as Buffer).length;
    };
    await expect(read()).rejects.toMatchObject({ name: "DamagedContent", checksum });
    expect(arrived).toBeLessThan(bytes.length);
  });

  test("the right content put again mends a damaged one", async () => {
    const checksum = await kept("mend me");
    await bench().damage(checksum, 0);
    await kept("mend me");
    expect(await bench().store.verify(checksum)).toEqual({ ok: true, size_bytes: 7 });
  });

  test("everything kept is listed with its age, and what is removed is gone, twice or not", async () => {
    const checksum = await kept("listed");
    const found = (await allOf(bench().store.list())).find((item) => item.checksum === checksum);
    expect(found?.age_ms).toBeLessThan(60_000);
    await bench().store.remove(checksum);
    await bench().store.remove(checksum);
    expect(await contents()).not.toContain(checksum);
    expect(await bench().store.has(checksum)).toBe(false);
  });

  test("a name that is no checksum is no address", async () => {
    const names = ["../../etc/passwd", "/etc/passwd", "a".repeat(63), "A".repeat(64), `${"a".repeat(63)}\n`, "a\0"];
    for (const name of names) {
      for (const call of ["open", "verify", "has", "remove"] as const) {
        await expect(bench().store[call](name)).rejects.toThrow("not a SHA-256");
      }
    }
  });
}
