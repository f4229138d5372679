/** Callers whose request is answered before it has arrived: they are let go after a moment, or a body that drips would keep its connection for as long as a file may take. */
import type { RequestHandler } from "express";

/** More of it is not listened to. Until then we read on, or the caller would see a broken connection in place of the answer. */
const LINGER_MS = 3_000;

export const letGo: RequestHandler = (request, response, next) => {
  response.once("finish", () => {
    if (request.complete) return;
    const late = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
    request.once("close", () => clearTimeout(late)).once("end", () => clearTimeout(late));
    request.resume();
  });
  next();
};
