/** `baton messages`: leaving words for whoever holds a task, and looking whether they were heard. */
import type { MessageView } from "@baton/domain/api";
import type { Command } from "commander";
import { answered } from "../complaint.ts";
import { taskId } from "../ids.ts";
import { everyPage } from "../pages.ts";
import { age } from "../views/words.ts";
import { atDesk, type JsonOption, withJson } from "./desk.ts";

export function addMessagesCommand(baton: Command): void {
  withJson(baton.command("messages"))
    .description("the messages for a task's holder; with a text: leave one")
    .argument("<task>", "the task: its id, or the beginning of it")
    .argument("[text...]", "told with the holder's next heartbeat")
    .action((given: string, words: string[], options: JsonOption) =>
      atDesk(options, async ({ client, out }) => {
        const params = { id: await taskId(client, given) };
        if (words.length > 0) {
          const left = answered(await client.call("postMessage", { params, body: { text: words.join(" ") } }));
          out.give(left, () => ["Left for the holder's next heartbeat."]);
          return undefined;
        }
        const items = await everyPage<MessageView>((query) => client.call("listMessages", { params, query }));
        const rows = items.map((one) => [
          ...[age(one.created_at), one.author, one.delivered_at === null ? "no" : "yes", one.text],
        ]);
        out.give({ items, next_cursor: null }, () =>
          rows.length === 0 ? ["There are no messages."] : out.table(["AGO", "BY", "HEARD", "TEXT"], rows),
        );
        return undefined;
      }),
    );
}
