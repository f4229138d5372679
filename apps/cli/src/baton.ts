/** The `baton` command: reads its arguments and hands over to the file of the same name. */
import { openCommandLine } from "./command-line.ts";
import { addCompletionCommand } from "./commands/completion.ts";
import { addEvidenceCommands } from "./commands/evidence.ts";
import { addLookCommands } from "./commands/look.ts";
import { addMessagesCommand } from "./commands/messages.ts";
import { addProjectCommands } from "./commands/project.ts";
import { addRunCommands } from "./commands/run.ts";
import { addTaskCommands } from "./commands/task.ts";
import { addUpCommand } from "./commands/up.ts";
import { addWatchCommand } from "./commands/watch.ts";
import { addProofsCommand } from "./proofs/command.ts";
import { addWorkCommands } from "./work-commands.ts";

const baton = openCommandLine();

addUpCommand(baton);
addWorkCommands(baton);
addRunCommands(baton);
addTaskCommands(baton);
addProjectCommands(baton);
addLookCommands(baton);
addWatchCommand(baton);
addMessagesCommand(baton);
addEvidenceCommands(baton);
addProofsCommand(baton);
addCompletionCommand(baton);

await baton.parseAsync();
