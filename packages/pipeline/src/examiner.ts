/** The one thread of this process in which untrusted documents and schemas are looked at. Started when it is first needed. */
import { openExaminer } from "@baton/formats";

export const examiner = openExaminer();
