/** One word for all the ways in which a back end is not there. */
import { QueueAway } from "./backend.ts";

/** Hands on what it is given, but turns every failure that `isAway` knows into a `QueueAway`. */
export function awayWhen(message: string, isAway: (error: unknown) => boolean): <T>(work: Promise<T>) => Promise<T> {
  return async (work) => {
    try {
      return await work;
    } catch (error) {
      throw isAway(error) ? new QueueAway(message, { cause: error }) : error;
    }
  };
}
