/** The proxy behind a `Way`: it takes connections on a port of its own and carries each through two lanes. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { chanceOf } from "../faults/chance.ts";
import { listenTo } from "./commits.ts";
import { openLane } from "./lane.ts";
import type { Way } from "./way.ts";
import { openWeather, type Weather } from "./weather.ts";

export interface WayOptions {
  /** Everything random follows from it. */
  seed?: number;
}

interface Connection {
  /** The client's side, and the server's once there is one. */
  sockets: Set<Socket>;
}

interface Road {
  target: URL;
  weather: Weather;
  chance: () => number;
  /** Asked for each commit: whether its answer is withheld. Only where Postgres is at the other end. */
  withhold: (() => boolean) | null;
  connections: Set<Connection>;
}

const DEFAULT_PORTS: Record<string, number> = { "postgres:": 5432, "postgresql:": 5432, "redis:": 6379 };

export async function startWay(target_url: string, { seed = 1 }: WayOptions = {}): Promise<Way> {
  const target = new URL(target_url);
  const weather = openWeather();
  const chance = chanceOf(seed);
  const cuts = { percent: 0, done: 0 };
  const withhold = () => {
    const so = chance() * 100 < cuts.percent;
    if (so) cuts.done += 1;
    return so;
  };
  const speaks_postgres = target.protocol.startsWith("postgres");
  const connections = new Set<Connection>();
  const road: Road = { target, weather, chance, withhold: speaks_postgres ? withhold : null, connections };
  const server = createServer((near) => void take(near, road)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const reset = () => {
    const had = connections.size;
    for (const connection of connections) abort(connection);
    return had;
  };
  return {
    url: throughPort(target_url, portOf(server.address())),
    slow: (latency_ms, jitter_ms) => void Object.assign(weather, { latency_ms, jitter_ms }),
    throttle: (bytes_per_s) => void Object.assign(weather, { bytes_per_s }),
    reset,
    blackhole: weather.blackhole,
    cutAfterCommit: (percent) => {
      cuts.percent = percent;
      let told = cuts.done;
      return () => {
        const since = cuts.done - told;
        told = cuts.done;
        return since;
      };
    },
    heal: () => {
      cuts.percent = 0;
      weather.heal();
    },
    close: async () => {
      weather.heal();
      const gone = once(server, "close");
      server.close();
      reset();
      await gone;
    },
  };
}

/** In a blackhole a connection is made, as far as the client can see, and leads nowhere until all is well again. */
async function take(near: Socket, road: Road): Promise<void> {
  const connection: Connection = { sockets: new Set() };
  road.connections.add(connection);
  adopt(near, connection, road);
  await road.weather.passable;
  if (near.destroyed) return;
  const port = Number(road.target.port || DEFAULT_PORTS[road.target.protocol]);
  const far = connect(port, road.target.hostname);
  adopt(far, connection, road);
  join(near, far, connection, road);
}

function adopt(socket: Socket, connection: Connection, { connections, weather }: Road): void {
  connection.sockets.add(socket);
  socket.setNoDelay(true);
  socket.on("error", () => {});
  socket.once("close", () => {
    connection.sockets.delete(socket);
    // What one side says by leaving gets no further through a hole than anything else.
    void weather.passable.then(() => {
      for (const other of connection.sockets) other.destroySoon();
      if (connection.sockets.size === 0) connections.delete(connection);
    });
  });
}

function join(near: Socket, far: Socket, connection: Connection, { weather, chance, withhold }: Road): void {
  const out = openLane(near, far, weather, chance);
  const back = openLane(far, near, weather, chance);
  const conversation = withhold === null ? null : listenTo(withhold);
  near.on("data", (data) => {
    conversation?.asked(data);
    out.carry(data);
  });
  far.on("data", (data) => {
    const { pass, cut } = conversation?.answered(data) ?? { pass: [data], cut: false };
    for (const piece of pass) back.carry(piece);
    if (cut) abort(connection);
  });
  near.once("end", out.end);
  far.once("end", back.end);
}

function abort(connection: Connection): void {
  for (const socket of connection.sockets) socket.resetAndDestroy();
}

function throughPort(target_url: string, port: number): string {
  const url = new URL(target_url);
  url.host = `127.0.0.1:${port}`;
  return url.href;
}

function portOf(address: ReturnType<ReturnType<typeof createServer>["address"]>): number {
  if (address === null || typeof address === "string") throw new Error("unreachable: a TCP server has a port");
  return address.port;
}
