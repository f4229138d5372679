/** A program whose settings are bad. */
process.stderr.write("REDIS_URL must be a redis:// URL\n");
process.exitCode = 78;
