/** What can be wrong with a request besides its JSON: bytes, headers, queries, paths. Each has a name under which a failure is told. */
import fc from "fast-check";

export interface Spoil<T> {
  how: string;
  do: (good: T) => T;
}

/** Given a place in the text, 0 to 1. */
const GARBLED: Record<string, (bytes: Buffer, at: number) => Buffer> = {
  "cut off": (bytes, at) => bytes.subarray(0, Math.floor(bytes.length * at)),
  "not UTF-8": (bytes, at) => inserted(bytes, at, [0xff]),
  "half a character": (bytes, at) => inserted(bytes, at, [0xf0, 0x9f]),
  "a NUL byte": (bytes, at) => inserted(bytes, at, [0]),
  "with a byte order mark": (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  "UTF-16": (bytes) => Buffer.from(bytes.toString(), "utf16le"),
  "more after the end": (bytes) => Buffer.concat([bytes, Buffer.from("}")]),
  twice: (bytes) => Buffer.concat([bytes, bytes]),
  nothing: () => Buffer.alloc(0),
  blanks: () => Buffer.alloc(900_000, " "),
  brackets: () => Buffer.alloc(100_000, "["),
  "half open": () => Buffer.from('{"a":'.repeat(10_000)),
  words: () => Buffer.from("hello=world&tasks[]=1"),
  "a quoted text": (bytes) => Buffer.from(JSON.stringify(bytes.toString("latin1"))),
};

function inserted(bytes: Buffer, at: number, more: number[]): Buffer {
  const where = Math.floor(bytes.length * at);
  return Buffer.concat([bytes.subarray(0, where), Buffer.from(more), bytes.subarray(where)]);
}

const anyBytes = fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ how: "any bytes", do: () => Buffer.from(bytes) }));

export const garbled: fc.Arbitrary<Spoil<Buffer>> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc
      .tuple(fc.constantFrom(...Object.keys(GARBLED)), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([how, at]) => ({ how, do: (bytes: Buffer) => GARBLED[how]?.(bytes, at) ?? bytes })),
  },
  anyBytes,
);

/** Taken away, then these are added. */
const HEADERS: [without: string, ...more: string[]][] = [
  ["content-type"],
  ...[
    ...[
      "text/plain",
      "application/xml",
      "application/x-www-form-urlencoded",
      "multipart/form-data",
      "*/*",
      "json",
      ";",
    ],
    ...["multipart/form-data; boundary=", "multipart/form-data; boundary=x", "application/json; charset=utf-16"],
    ...[
      "application/json; charset=utf-7",
      `application/json; ${"a=b;".repeat(500)}`,
      "application/json;;;charset",
      "\xe9/\xff",
    ],
  ].map((type): [string, ...string[]] => ["content-type", "content-type", type]),
  ["", "content-type", "text/plain"],
  ["", "authorization", "Bearer nope"],
  ["authorization"],
  ["authorization", "authorization", "Bearer "],
  ["authorization", "authorization", `Bearer ${"x".repeat(5_000)}`],
  ["authorization", "authorization", "Basic eDp5"],
  ["authorization", "authorization", "Bearer \xe9\xff"],
  ...["gzip", "deflate", "br", "identity, gzip", "x"].map((one): [string, ...string[]] => [
    "",
    "content-encoding",
    one,
  ]),
  ["idempotency-key", "idempotency-key", ""],
  ["idempotency-key", "idempotency-key", "a b"],
  ["idempotency-key", "idempotency-key", "k".repeat(201)],
  ["idempotency-key", "idempotency-key", "\xe9"],
  ["", "idempotency-key", "one", "idempotency-key", "two"],
  ["", "x-request-id", "../../x", "x-request-id", "y"],
  ["", "x-forwarded-for", "1.2.3.4", "x-forwarded-host", "evil", "forwarded", "for=x"],
  ["", "x-http-method-override", "DELETE"],
  ["", "cookie", `baton_session=${"x".repeat(3_000)}; __proto__=1; =; ;`],
  ["", "x-long", "x".repeat(20_000)],
  ["", ...Array.from({ length: 300 }, (_, n) => [`x-${n}`, "1"]).flat()],
  ["", "accept", "application/*;q=NaN, */*;q=-1"],
  ["", "accept", "text/event-stream"],
  ["", "range", "bytes=9-1,-0,abc"],
  ["", "if-none-match", "*", "if-modified-since", "yesterday"],
  ["", "x-checksum-sha256", "abc", "content-digest", "sha-256=:x:, md5=:y:", "digest", "sha-256"],
  ["", "origin", "http://evil.example", "sec-fetch-site", "cross-site"],
  ["host", "host", "evil.example"],
  ["host", "host", ""],
  ["", "te", "trailers", "connection", "close, te"],
];

export const headers: fc.Arbitrary<Spoil<string[]>> = fc.constantFrom(...HEADERS).map(([without, ...more]) => ({
  how: `headers ${without && `without ${without} `}with ${more.join(" ").slice(0, 60)}`,
  do: (good) => [...strip(good, without), ...more],
}));

function strip(list: string[], name: string): string[] {
  return list.filter((_, at) => list[at - (at % 2)]?.toLowerCase() !== name);
}

const QUERIES = [
  ...[
    "limit=0",
    "limit=201",
    "limit=1e2",
    "limit=",
    "limit=1&limit=2",
    "limit[]=1",
    "limit[a]=1",
    "limit=-1",
    "limit=%31",
  ],
  ...["cursor=%00", "cursor=%E0%A4%A", "cursor=%ff%fe", "cursor=", "cursor[$ne]=1", "state=happy", "stage=__proto__"],
  ...[
    "__proto__=1",
    "__proto__[admin]=1",
    "constructor=1",
    "toString=1",
    "colour=red",
    "=",
    "&&&",
    "?",
    "a=b?c=d",
    "%",
  ],
  ...[
    "%00=%00",
    "+=+",
    "epoch=99999999999999999999",
    "epoch=1e3",
    "epoch=0x1",
    "format=xml",
    "budget=999999",
    "kind=x",
  ],
  ...[`x=${"y".repeat(9_000)}`, `cursor=${"0".repeat(12_000)}`, "a=1&".repeat(2_000), "name=..%2f..%2fx", "stuck=yes"],
  ...["version=-1", "version=99999999999", "run_id=1%27%20or%201=1", "project_id=%F0%9F%98%80", "limit=１"].map(
    encodeURI,
  ),
];

export const queries: fc.Arbitrary<Spoil<string>> = fc.constantFrom(...QUERIES).map((more) => ({
  how: `?${more.slice(0, 40)}`,
  do: (path) => `${path}${path.includes("?") ? "&" : "?"}${more}`,
}));

const SEGMENTS = [
  ...[
    "abc",
    "%00",
    "%E0%A4%A",
    "%ff",
    "..%2f..%2fetc%2fpasswd",
    "..",
    ".",
    "",
    "%",
    "%2e%2e",
    ":id",
    "*",
    "null",
    "undefined",
  ],
  ...[
    "__proto__",
    "constructor",
    "a".repeat(5_000),
    "1;drop%20table%20runs",
    "%F0%9F%98%80",
    "0",
    "-1",
    "[object%20Object]",
  ],
  ...["019A0000-0000-7000-8000-000000000001", "019a0000-0000-7000-8000-000000000001", "%30".repeat(2_000)],
];

/** One segment after `/api/<things>/` is another. */
export const segments: fc.Arbitrary<Spoil<string>> = fc
  .tuple(fc.constantFrom(...SEGMENTS), fc.nat(5))
  .map(([segment, at]) => ({
    how: `segment ${at} is ${segment.slice(0, 40)}`,
    do: (path) =>
      path
        .split("/")
        .map((one, n, all) => (n === 3 + (at % Math.max(1, all.length - 3)) ? segment : one))
        .join("/"),
  }));

const ENDS = ["/", "//", "/x", "/%00", ";a=b", "%20", "/..", "/../../x", ".json", "%23"];

export const ends: fc.Arbitrary<Spoil<string>> = fc.constantFrom(...ENDS).map((end) => ({
  how: `path with ${end}`,
  do: (path) => path.replace(/(\?|$)/, `${end}$1`),
}));
