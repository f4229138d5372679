/**
 * Listens to what a client and Postgres say to each other and knows when something was committed: at the answer to a COMMIT, or
 * to a writing statement outside of any transaction. Such an answer is held together until it is whole, and may be withheld.
 */
import { cutFrames, type Frame } from "./frames.ts";

export interface Conversation {
  asked(data: Buffer): void;
  /** What may be passed on. `cut`: something was committed, and its answer is withheld. */
  answered(data: Buffer): { pass: Buffer[]; cut: boolean };
}

const SSL_REQUEST = 80_877_103;
const WRITES = /\b(insert|update|delete|merge)\b/i;
/** They come at any time and belong to no answer: notices, notifications, settings. */
const UNASKED = new Set(["N", "A", "S"]);

/** `withhold` is asked once for each commit. */
export function listenTo(withhold: () => boolean): Conversation {
  const client = listenToClient();
  let raw_bytes = 0;
  let in_transaction = false;
  let cut = false;
  let answer: Frame[] = [];
  let pass: Buffer[] = [];

  const heard = cutFrames(
    () => false,
    (frame) => {
      if (UNASKED.has(frame.type) && answer.length === 0) return void pass.push(frame.whole);
      answer.push(frame);
      // Before its first "ready for query" a connection only says who it is.
      if (frame.type === "R" || frame.type === "K") flush();
      if (frame.type !== "Z") return;
      const committed = client.wrote() && commits(answer, in_transaction);
      in_transaction = frame.body.toString("latin1", 0, 1) !== "I";
      if (!in_transaction) client.forget();
      cut ||= committed && withhold();
      flush();
    },
  );
  const flush = () => {
    if (!cut) pass.push(...answer.map((frame) => frame.whole));
    answer = [];
  };
  return {
    asked: (data) => {
      raw_bytes += client.said(data);
    },
    answered: (data) => {
      pass = raw_bytes > 0 ? [data.subarray(0, raw_bytes)] : [];
      const rest = data.subarray(raw_bytes);
      raw_bytes = 0;
      if (rest.length > 0) heard(rest);
      return { pass, cut };
    },
  };
}

function commits(answer: readonly Frame[], in_transaction: boolean): boolean {
  if (answer.some(({ type }) => type === "E")) return false;
  const done = answer.filter(({ type }) => type === "C").map(({ body }) => body.toString("latin1"));
  return in_transaction ? done.some((tag) => tag.startsWith("COMMIT")) : done.some((tag) => !tag.startsWith("BEGIN"));
}

/** Whether a client wrote since its last transaction ended. Prepared statements are known by their names. */
function listenToClient() {
  const writing = new Map<string, boolean>();
  let started = false;
  let wrote = false;
  let ssl_requests = 0;
  const heard = cutFrames(
    () => !started,
    ({ type, body }) => {
      if (type === "" && body.readInt32BE(0) === SSL_REQUEST) ssl_requests += 1;
      else if (type === "") started = true;
      if (type === "Q") wrote ||= WRITES.test(textsOf(body, 1)[0]);
      if (type === "P") {
        const [name, text] = textsOf(body, 2);
        writing.set(name, WRITES.test(text));
      }
      if (type === "B") wrote ||= writing.get(textsOf(body, 2)[1]) ?? false;
    },
  );
  return {
    /** Gives how many bytes of the answer are no message: one for each question whether TLS is spoken. */
    said: (data: Buffer) => {
      ssl_requests = 0;
      heard(data);
      return ssl_requests;
    },
    wrote: () => wrote,
    forget: () => {
      wrote = false;
    },
  };
}

/** The first one or two texts of a message, each ended by a zero. */
function textsOf(body: Buffer, count: 1 | 2): [string, string] {
  const end = body.indexOf(0);
  const first = body.toString("utf8", 0, end);
  return count === 1 ? [first, ""] : [first, body.toString("utf8", end + 1, body.indexOf(0, end + 1))];
}
