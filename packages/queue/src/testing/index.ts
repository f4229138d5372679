/** For tests: a Redis server that may be killed, a way to a server that may be cut, and a port for either. */

export { redisServerProgram } from "./env.ts";
export { type Proxy, startProxy } from "./proxy.ts";
export { redis_there, redisForTest } from "./redis-for-test.ts";
export { type RedisServer, startRedis } from "./redis-server.ts";
export { sparePort } from "./spare-port.ts";
export { withRedis } from "./with-redis.ts";
