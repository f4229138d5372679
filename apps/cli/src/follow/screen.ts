/** The live view of a run: drawn by Ink over itself, with a bar for each stage and the last changes below. */
import { Box, type Instance, render, Text } from "ink";
import { createElement, type ReactElement } from "react";
import type { Terminal } from "../terminal.ts";
import { barLine, barsOf } from "../views/bars.ts";
import { headline } from "../views/run.ts";
import type { Look } from "./follow.ts";
import { changeLine, type Teller } from "./words.ts";

/** How many of the last changes are shown. */
const LAST = 8;

interface Scene {
  seen: Extract<Look, { kind: "seen" }> | null;
  /** What the server's silence is called, while it lasts. */
  away: string | null;
  news: readonly string[];
  width: number;
  style: Terminal["style"];
}

export interface Screen extends Teller {
  /** Leaves the last picture where it is. */
  close: () => Promise<void>;
}

export function openScreen(stdout: NodeJS.WriteStream, style: Terminal["style"]): Screen {
  let scene: Scene = { seen: null, away: null, news: [], width: stdout.columns, style };
  const ink: Instance = render(createElement(Picture, scene), {
    ...{ stdout, interactive: true, exitOnCtrlC: false, patchConsole: false },
  });
  return {
    told: (look) => {
      scene = { ...after(scene, look), width: stdout.columns };
      ink.rerender(createElement(Picture, scene));
    },
    close: async () => {
      await ink.waitUntilRenderFlush();
      ink.unmount();
      await ink.waitUntilExit();
    },
  };
}

function after(scene: Scene, look: Look): Scene {
  if (look.kind === "away") return { ...scene, away: look.detail };
  const lines = look.changes.flatMap((change) => changeLine(change, scene.style) ?? []);
  return { ...scene, seen: look, away: null, news: [...scene.news, ...lines].slice(-LAST) };
}

function Picture({ seen, away, news, width, style }: Scene): ReactElement {
  const lines = [
    ...(seen === null ? [] : pictured(seen, width, style)),
    ...(news.length === 0 ? [] : ["", ...news]),
    ...(away === null ? [] : [style("yellow", `${away} Asking again.`)]),
  ];
  return createElement(
    Box,
    { flexDirection: "column" },
    // An empty text has no height.
    ...lines.map((line, at) => createElement(Text, { key: at, wrap: "truncate-end" }, line === "" ? " " : line)),
  );
}

function pictured({ run, progress }: NonNullable<Scene["seen"]>, width: number, style: Terminal["style"]): string[] {
  const waits = progress.by_state.blocked === 0 ? [] : [style("yellow", `${progress.by_state.blocked} task(s) wait`)];
  const dead = progress.by_state.failed === 0 ? [] : [style("red", `${progress.by_state.failed} task(s) failed`)];
  const approve = run.state === "ready_for_commit" ? [style("yellow", `waits for: baton run approve ${run.id}`)] : [];
  return [
    headline(run, progress, style),
    ...barsOf(progress).map((bar) => barLine(bar, width, style)),
    ...[...waits, ...dead, ...approve],
  ];
}
