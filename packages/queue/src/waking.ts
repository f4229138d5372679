/** What the two back ends give a waker. */
import type { Report } from "./sampled.ts";

export interface Waker {
  close(): Promise<void>;
}

export interface Ears {
  hear: (stage: string) => void;
  /** The connection is new: whatever was said before it went unheard. */
  missed: () => void;
  report: Report;
}

export type Waking = (url: string, ears: Ears) => Waker;
