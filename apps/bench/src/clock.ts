/** The time in ms, on the one monotonic clock that all processes of a machine share; finer than a microsecond. */
export function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1_000_000;
}
