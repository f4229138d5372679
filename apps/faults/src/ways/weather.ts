/** What a way does to the bytes right now. One weather for all lanes of a way, changed while they run. */

export interface Weather {
  latency_ms: number;
  jitter_ms: number;
  /** Per lane; Infinity: as fast as it goes. */
  bytes_per_s: number;
  /** Pending while nothing may pass. */
  passable: Promise<void>;
  readonly calm: boolean;
  blackhole(): void;
  heal(): void;
}

export function openWeather(): Weather {
  let hole: PromiseWithResolvers<void> | null = null;
  const weather: Weather = {
    latency_ms: 0,
    jitter_ms: 0,
    bytes_per_s: Number.POSITIVE_INFINITY,
    passable: Promise.resolve(),
    get calm() {
      return hole === null && weather.latency_ms === 0 && weather.jitter_ms === 0 && weather.bytes_per_s === Infinity;
    },
    blackhole: () => {
      if (hole !== null) return;
      hole = Promise.withResolvers<void>();
      weather.passable = hole.promise;
    },
    heal: () => {
      Object.assign(weather, { latency_ms: 0, jitter_ms: 0, bytes_per_s: Number.POSITIVE_INFINITY });
      hole?.resolve();
      hole = null;
    },
  };
  return weather;
}
