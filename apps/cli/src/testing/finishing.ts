/** A program that does one thing and ends well, like a migration. */
process.stdout.write("applied\n");
