/** What a program prints: handed on line by line, with the end of it kept. Never holds more than a fixed amount, however much is printed. */
import { StringDecoder } from "node:string_decoder";
import { stripVTControlCharacters } from "node:util";
import type { LogLine } from "./assignment.ts";

export interface Output {
  write(stream: "stdout" | "stderr", chunk: Buffer): void;
  /** Hands on what has no line end yet. */
  end(): void;
  /** The last 64 KB of both streams, without colours. */
  tail(): string;
}

const TAIL_MAX = 64 * 1024;
/** A line longer than this is handed on in pieces. */
const LINE_MAX = 16 * 1024;
/** Formats for machines put all they have to say on one line. */
const WHOLE_MAX = 4 * 1024 * 1024;

export function openOutput(onLine: (line: LogLine) => void, onWhole?: (line: string) => void): Output {
  const kept = openTail();
  const handOn = (stream: "stdout" | "stderr") => (text: string) => {
    kept.add(text);
    onLine({ stream, text });
  };
  const splitters = { stdout: openSplitter(handOn("stdout")), stderr: openSplitter(handOn("stderr")) };
  const whole = onWhole && openSplitter(onWhole, WHOLE_MAX);
  return {
    write: (stream, chunk) => {
      splitters[stream].write(chunk);
      if (stream === "stdout") whole?.write(chunk);
    },
    end: () => {
      splitters.stdout.end();
      splitters.stderr.end();
      whole?.end();
    },
    tail: () => stripVTControlCharacters(kept.text()),
  };
}

function openSplitter(handOn: (line: string) => void, longest = LINE_MAX) {
  const decoder = new StringDecoder("utf8");
  let open = "";
  const take = (text: string) => {
    const lines = (open + text).split("\n");
    open = lines.pop() ?? "";
    for (const line of lines) handOn(line.endsWith("\r") ? line.slice(0, -1) : line);
    for (; open.length > longest; open = open.slice(longest)) handOn(open.slice(0, longest));
  };
  return {
    write: (chunk: Buffer) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end());
      if (open !== "") handOn(open);
      open = "";
    },
  };
}

function openTail() {
  const lines: string[] = [];
  let length = 0;
  return {
    add: (line: string) => {
      lines.push(line);
      length += line.length + 1;
      while (length > TAIL_MAX && lines.length > 1) length -= (lines.shift()?.length ?? 0) + 1;
    },
    text: () => lines.join("\n").slice(-TAIL_MAX),
  };
}
