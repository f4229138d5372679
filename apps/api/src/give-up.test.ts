/** The last words of a program that cannot start: the right cause, a code that says whether trying again helps, and no secrets. */
import { expect, test } from "vitest";
import { lastWords } from "./give-up.ts";

const AT = { PORT: 3000, HOST: "127.0.0.1" };
const failure = (message: string, more: object) => Object.assign(new Error(message), more);

test("what is refused is the port only when it was listened on", () => {
  const port = failure("listen EACCES: permission denied", { code: "EACCES", syscall: "listen" });
  expect(lastWords(port, AT)).toMatchObject({ exit_code: 75, words: expect.stringMatching(/^Port 3000 /) as string });
  const folder = failure("EACCES: permission denied, mkdir '/data'", { code: "EACCES", syscall: "mkdir" });
  expect(lastWords(folder, AT)).toEqual({ exit_code: 1, words: folder.message });
});

test("an address that is not ours is told as it is", () => {
  const foreign = failure("listen EADDRNOTAVAIL: address not available", { code: "EADDRNOTAVAIL", syscall: "listen" });
  expect(lastWords(foreign, AT)).toEqual({ exit_code: 1, words: foreign.message });
});

test("of what the database says neither the statement nor its values are told", () => {
  const causes = [
    failure('duplicate key: "hunter2"', { code: "23505", detail: "hunter2" }),
    failure("connect ECONNREFUSED", { code: "ECONNREFUSED", syscall: "connect" }),
    new Error("Query read timeout"),
    new Error("something else"),
  ];
  const said = causes.map((cause) => {
    const { words, exit_code } = lastWords(new Error("Failed query: insert into x\nparams: hunter2", { cause }), AT);
    expect(exit_code).toBe(1);
    return words;
  });
  expect(said).toEqual([
    "The database cannot be used as it is (23505).",
    "The database does not answer (ECONNREFUSED).",
    "The database does not answer.",
    "something else",
  ]);
});
