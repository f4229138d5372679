/** For a test: works an attempt in a process of its own that can be killed in the middle. Takes what workAttempt takes, as JSON. */
import { workAttempt } from "./work-attempt.ts";

const { assignment, data_dir, env } = JSON.parse(process.argv[2] ?? "");
await workAttempt(assignment, {
  data_dir,
  env,
  signal: new AbortController().signal,
  log: ({ text }) => console.log(text),
});
