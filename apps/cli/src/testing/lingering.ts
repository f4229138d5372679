/** A program that takes its time to end. */
import { obey } from "./protocol.ts";

obey(500);
