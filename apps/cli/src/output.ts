/** The standard output of a command that is run for what it says: how the command ends when that cannot be written. */
import { EXIT } from "./exit-codes.ts";

/** Text that is a command's answer, or a part of it. */
export function print(text: string): void {
  endWhenUnwritable(process.stdout).write(text);
}

/** A listener is added with each call: once for a command's stream. */
export function endWhenUnwritable(stream: NodeJS.WriteStream): NodeJS.WriteStream {
  return stream.on("error", (error: NodeJS.ErrnoException) => {
    // Whoever reads has had enough, as `head` has: the command ends as far as it has come.
    if (error.code === "EPIPE") process.exit();
    process.stderr.write(`baton: the output cannot be written (${error.code ?? error.message})\n`);
    process.exit(EXIT.cannot_write);
  });
}
