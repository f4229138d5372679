/** One direction of one connection through a way: takes bytes in, lets them out in their order and as the weather allows. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { Weather } from "./weather.ts";

export interface Lane {
  carry(data: Buffer): void;
  /** No more will come: told to the other side behind everything that was carried. */
  end(): void;
}

/** More than this is not taken off the sender, who then waits as he would before a full line. */
const LIMIT_BYTES = 1024 * 1024;
/** A throttled lane lets out this many pieces a second. */
const PIECES_PER_S = 20;

interface Load {
  /** Null: the end. */
  data: Buffer | null;
  due: number;
}

export function openLane(from: Socket, to: Socket, weather: Weather, chance: () => number): Lane {
  const loads: Load[] = [];
  let waiting_bytes = 0;
  let moving = false;

  const take = (data: Buffer | null) => {
    if (!moving && weather.calm && data !== null && to.write(data)) return;
    if (!moving && weather.calm && data !== null) return void paused(from, to);
    const late = weather.latency_ms + (2 * chance() - 1) * weather.jitter_ms;
    loads.push({ data, due: performance.now() + Math.max(0, late) });
    waiting_bytes += data?.length ?? 0;
    if (waiting_bytes > LIMIT_BYTES) from.pause();
    if (!moving) void move();
  };

  const move = async () => {
    moving = true;
    for (let load = loads.shift(); load !== undefined && !to.destroyed; load = loads.shift()) {
      await passable(weather, load.due);
      if (load.data === null) to.end();
      else await letOut(load.data, to, weather);
      waiting_bytes -= load.data?.length ?? 0;
      if (waiting_bytes <= LIMIT_BYTES) from.resume();
    }
    moving = false;
  };
  return { carry: take, end: () => take(null) };
}

/** Until it is due and nothing is in the way, which may have come up meanwhile. */
async function passable(weather: Weather, due: number): Promise<void> {
  const left = due - performance.now();
  if (left > 0) await delay(left);
  await weather.passable;
}

async function letOut(data: Buffer, to: Socket, weather: Weather): Promise<void> {
  let rest = data;
  while (rest.length > 0 && !to.destroyed) {
    const piece = rest.subarray(0, Math.max(1, Math.floor(Math.min(rest.length, weather.bytes_per_s / PIECES_PER_S))));
    rest = rest.subarray(piece.length);
    if (Number.isFinite(weather.bytes_per_s)) await delay((piece.length / weather.bytes_per_s) * 1_000);
    await weather.passable;
    if (!to.destroyed && !to.write(piece)) await roomIn(to);
  }
}

async function paused(from: Socket, to: Socket): Promise<void> {
  from.pause();
  await roomIn(to);
  from.resume();
}

async function roomIn(to: Socket): Promise<void> {
  if (to.destroyed) return;
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(to, "drain", { signal }), once(to, "close", { signal })]).catch(() => {});
  over.abort();
}
