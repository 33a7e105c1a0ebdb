import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/** Where Redis is and how its outages are told: once when it goes and once when it comes, for all connections together. */
export interface RedisServer {
  /** host:port, for messages. */
  readonly address: string
  /**
   * A connection for commands that fail within seconds when Redis is away. It connects with the first of them, and
   * again by itself.
   */
  impatient(): Redis
  /**
   * A connection whose commands wait until Redis is back. Closing it closes the copies that BullMQ makes of it, too.
   */
  patient(): Redis
  /** What a failure of a command or a connection means. */
  explain(error: unknown): CodedError
}

/** @param url redis:// or rediss://, perhaps with user, password and the number of a database */
export function redisServer(url: string, log: Logger): RedisServer {
  const place = placeOf(url)
  const address = `${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`
  const explain = (error: unknown) => new CodedError('QUEUE_UNREACHABLE', messageOf(error, address))

  // One connection may be back while another one still fails.
  const away = new Set<Redis>()
  const watch = (redis: Redis) => {
    redis.on('error', error => {
      if (away.size === 0) {
        log.warn({ code: 'QUEUE_UNREACHABLE', error: explain(error).message }, 'the queue is away')
      }
      away.add(redis)
    })
    redis.on('ready', () => {
      if (away.delete(redis) && away.size === 0) log.info({ address }, 'the queue is back')
    })
    redis.on('end', () => away.delete(redis))
  }

  const connect = (manner: RedisOptions) => new WatchedRedis({ ...place, ...COMMON, ...manner }, watch)
  return { address, explain, impatient: () => connect(IMPATIENT), patient: () => connect(PATIENT) }
}

interface Place extends RedisOptions {
  readonly host: string
  readonly port: number
}

function placeOf(text: string): Place {
  const url = new URL(text)
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port || 6379),
    username: decodeURIComponent(url.username) || undefined,
    password: decodeURIComponent(url.password) || undefined,
    db: Number(url.pathname.slice(1)) || 0,
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  }
}

const COMMON = {
  // What BullMQ itself is tested with.
  protocol: 2,
  connectTimeout: 5 * SECOND,
  retryStrategy: attempts => Math.min(attempts * 100, 2 * SECOND),
} satisfies RedisOptions

const IMPATIENT = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 2 * SECOND,
} satisfies RedisOptions

const PATIENT = { maxRetriesPerRequest: null, socketTimeout: 5 * SECOND } satisfies RedisOptions

/** BullMQ copies a connection for its blocking commands, and cannot close the copy while Redis is away. */
class WatchedRedis extends Redis {
  readonly #watch: (redis: Redis) => void
  readonly #copies: Redis[] = []

  constructor(options: RedisOptions, watch: (redis: Redis) => void) {
    super({ ...options, replyMapping: 'legacy' })
    this.#watch = watch
    watch(this)
  }

  override duplicate(options?: Partial<RedisOptions>): Redis {
    const copy = new WatchedRedis({ ...this.options, ...options }, this.#watch)
    this.#copies.push(copy)
    return copy
  }

  override disconnect(reconnect = false): void {
    const betweenAttempts = this.status === 'reconnecting'
    super.disconnect(reconnect)
    if (reconnect) return
    if (betweenAttempts) {
      // There it only drops the next attempt, and whoever waits for the end or for an answer would wait for ever.
      // An attempt that is given up before it begins ends properly.
      this.connect().catch(() => {})
      super.disconnect()
    }
    for (const copy of this.#copies) copy.disconnect()
  }
}

/** Only the error's own words: its other properties hold the command, and with it the password. */
function messageOf(error: unknown, address: string): string {
  const words = error instanceof Error ? error.message || String(Reflect.get(error, 'code')) : String(error)
  if (/^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|invalid password|Client sent AUTH))/.test(words))
    return `Redis at ${address} refuses user and password: correct those in queue.url. It says: ${words}`
  if (/^[A-Z]+ /.test(words)) return `Redis at ${address} refuses the work: ${words}`
  return `Redis at ${address} cannot be reached: ${words}. Is it running, and is queue.url right?`
}
