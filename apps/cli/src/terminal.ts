/** What a person sees: lines, steps that show how long they take, and colours where the stream is a terminal. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

export type Terminal = {
  line: (text?: string) => void;
  /** A complaint, with what led to it indented below. */
  complain: (text: string, details?: string[]) => void;
  step: <T>(title: string, work: Promise<T>) => Promise<T>;
  /** Ends the step that is shown, when it will never end by itself. */
  abandonStep: () => void;
  style: (style: Style, text: string) => string;
};

const REDRAW_MS = 100;
/** Where nothing can be redrawn, only a step that takes this long is announced before it is through. */
const LONG_MS = 2_000;
const CLEAR_LINE = "\r\u001B[K";

export function createTerminal(stream: NodeJS.WriteStream): Terminal {
  // Whoever reads our words may leave before we end; that is no reason to leave programs behind.
  stream.on("error", () => undefined);
  const style = (kind: Style, text: string) => styleText(kind, text, { stream, validateStream: true });
  const write = (text: string) => void stream.write(stream.isTTY ? `${CLEAR_LINE}${text}` : text);
  let abandonStep = () => {};

  const step = async <T>(title: string, work: Promise<T>): Promise<T> => {
    const start = Date.now();
    const seconds = () => style("dim", `… ${((Date.now() - start) / 1000).toFixed(1)} s`);
    const timer = stream.isTTY
      ? setInterval(() => write(`${title} ${seconds()}`), REDRAW_MS)
      : setTimeout(() => write(`${title} …\n`), LONG_MS);
    abandonStep = () => {
      clearInterval(timer);
      if (stream.isTTY) write("");
    };
    const result = await work.finally(() => clearInterval(timer));
    write(`${title} ${seconds()}\n`);
    return result;
  };

  return {
    line: (text = "") => write(`${text}\n`),
    complain: (text, details = []) => {
      write(`${style("red", text)}\n${details.map((detail) => `  ${style("dim", detail)}\n`).join("")}`);
    },
    step,
    abandonStep: () => abandonStep(),
    style,
  };
}
