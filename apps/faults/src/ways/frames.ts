/** Cuts a stream of Postgres's protocol into its messages. What they mean is read by others. */

export interface Frame {
  /** The letter of the message; empty for those that open a connection and have none. */
  type: string;
  /** What follows type and length. */
  body: Buffer;
  /** All of it, as it came. */
  whole: Buffer;
}

/** Shows each message as soon as it is complete. `untyped` is asked before each: whether that one has no letter. */
export function cutFrames(untyped: () => boolean, show: (frame: Frame) => void): (data: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (data) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    for (let frame = firstOf(rest, untyped()); frame !== null; frame = firstOf(rest, untyped())) {
      rest = rest.subarray(frame.whole.length);
      show(frame);
    }
  };
}

function firstOf(data: Buffer, untyped: boolean): Frame | null {
  const head = untyped ? 0 : 1;
  if (data.length < head + 4) return null;
  const length = head + data.readInt32BE(head);
  if (data.length < length) return null;
  return {
    type: data.toString("latin1", 0, head),
    body: data.subarray(head + 4, length),
    whole: data.subarray(0, length),
  };
}
