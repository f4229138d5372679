/** A program as it should be: ready at once, there until it is told to end. */
import { obey } from "./protocol.ts";

obey(0);
