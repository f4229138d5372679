/** A program that dies before it is ever ready. */
process.stderr.write(`${JSON.stringify({ level: 60, msg: "cannot start", err: { message: "no disk" } })}\n`);
process.exitCode = 1;
