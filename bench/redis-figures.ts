import { Redis } from 'ioredis'
import type { RedisServer } from '../test/servers/redis.ts'

/** What a Redis server has done so far. */
export interface RedisFigures extends AsyncDisposable {
  now(): Promise<{
    /** Those within scripts count, too. */
    readonly commands: number
    /** Milliseconds. */
    readonly cpu: number
  }>
}

export function startRedisFigures({ url }: RedisServer): RedisFigures {
  const redis = new Redis(url)
  return {
    now: async () => {
      const stats = await redis.info('commandstats')
      const cpu = await redis.info('cpu')
      const seconds = [...cpu.matchAll(/^used_cpu_(?:user|sys):([\d.]+)/gm)].map(([, value]) => Number(value))
      return { commands: callsIn(stats), cpu: seconds.reduce((sum, value) => sum + value, 0) * 1000 }
    },
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  }
}

/** BullMQ's scripts consist of many commands, which count one by one. */
const callsIn = (stats: string): number =>
  [...stats.matchAll(/^cmdstat_[^:]+:calls=(\d+)/gm)].reduce((sum, [, count]) => sum + Number(count), 0)
