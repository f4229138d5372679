/** A waker's side of Redis: hears which stage a producer has added tickets to. */

import type { Waking } from "../waking.ts";
import { NEWS_CHANNEL, patientRedis } from "./connect.ts";

export const redisWaking: Waking = (url, { hear, missed, report }) => {
  // Subscribing by hand, so that it is known when it is done: only then is nothing missed any more.
  const redis = patientRedis(url, { autoResubscribe: false });
  redis.on("error", report);
  redis.on("ready", () => {
    redis.subscribe(NEWS_CHANNEL).then(missed, report);
  });
  redis.on("message", (_channel: string, stage: string) => hear(stage));
  return {
    close: () => {
      redis.disconnect();
      return Promise.resolve();
    },
  };
};
