/** The environment under which a program's clock is off. */
const SKEW = new URL("./skew-main.ts", import.meta.url).href;

export function clockOff(skew_ms: number): Record<string, string> {
  return { NODE_OPTIONS: `--import=${SKEW}`, FAULTS_CLOCK_SKEW_MS: String(skew_ms) };
}
