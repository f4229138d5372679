/** The environment under which a program's clock is off, and the line by which the program shows that it is. */
const SKEW = new URL("./skew-main.ts", import.meta.url).href;

export function clockOff(skew_ms: number): Record<string, string> {
  return { NODE_OPTIONS: `--import=${SKEW}`, FAULTS_CLOCK_SKEW_MS: String(skew_ms) };
}

/** In whole seconds: two looks at a clock are never the same millisecond. */
export const skewLine = (skew_ms: number): string => `the calendar is off by ${Math.round(skew_ms / 1_000)} s`;
