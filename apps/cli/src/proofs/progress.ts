/** How far a long command is: redrawn on a terminal, a line now and then elsewhere. */

export interface Progress {
  at(count: number, path: string): void;
  end(): void;
}

const CLEAR_LINE = "\r\u001B[K";
const REDRAW_MS = 100;
const LINE_MS = 5_000;
const WIDTH = 60;

export function openProgress(stream: NodeJS.WriteStream, total: number, now = () => performance.now()): Progress {
  let told = stream.isTTY ? Number.NEGATIVE_INFINITY : now();
  return {
    at: (count, path) => {
      if (now() - told < (stream.isTTY ? REDRAW_MS : LINE_MS)) return;
      told = now();
      const line = `${count} of ${total} files: ${printable(path).slice(-WIDTH)}`;
      stream.write(stream.isTTY ? `${CLEAR_LINE}${line}` : `${line}\n`);
    },
    end: () => {
      if (stream.isTTY) stream.write(CLEAR_LINE);
    },
  };
}

/** Names of files may hold anything: what steers terminals is shown as what it is. */
export function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
