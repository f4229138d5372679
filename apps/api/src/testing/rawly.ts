/** Requests as no well-behaved client sends them: paths that nobody tidies, lengths that are lies, bodies that do not come to an end. */
import { type IncomingMessage, request } from "node:http";
import { text } from "node:stream/consumers";

/** What happens after the first bytes of the body: it ends, nothing more comes, little more comes for ever, or the connection breaks. */
export type Then = "end" | "stay" | "drip" | "leave";

const DRIP_MS = 50;

export async function rawly(
  url: string,
  method: string,
  path: string,
  token: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
  then: Then = "end",
): Promise<{ status: number | undefined; body: string }> {
  const { hostname, port } = new URL(url);
  const asked = request({ hostname, port, method, path, headers: { authorization: `Bearer ${token}`, ...headers } });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    asked.once("response", resolve).on("error", reject);
  });
  if (then === "end") asked.end(body);
  else asked.write(body);
  if (then === "leave") setTimeout(() => asked.destroy(new Error("left")), DRIP_MS);
  const drip = then === "drip" ? setInterval(() => asked.write("."), DRIP_MS) : undefined;
  try {
    const heard = await answer;
    return { status: heard.statusCode, body: await text(heard) };
  } finally {
    clearInterval(drip);
    asked.destroy();
  }
}
