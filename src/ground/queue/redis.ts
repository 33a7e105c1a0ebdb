import { Redis, type RedisOptions } from 'ioredis'
import type { Logger } from 'pino'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/** Opens connections to Redis, and logs the begin and the end of an outage once for all of them. */
export interface RedisServer {
  /** host:port, for messages. */
  readonly address: string
  /**
   * A connection whose commands fail within seconds when Redis is down. The first command connects; after that, the
   * connection restores itself.
   */
  connectFailingFast(): Redis
  /**
   * A connection whose commands wait until Redis is back. Closing it also closes the copies that BullMQ makes of it.
   */
  connectWaiting(): Redis
  /** Explains the failure of a command or a connection. */
  explain(error: unknown): CodedError
  /** How often a connection was given up because its server had become a replica. */
  demotions(): number
}

/** @param url redis:// or rediss://, optionally with user, password and the number of a database */
export function redisServer(url: string, log: Logger): RedisServer {
  const target = targetOf(url)
  const address = `${target.host.includes(':') ? `[${target.host}]` : target.host}:${target.port}`
  const explain = (error: unknown) => new CodedError('QUEUE_UNREACHABLE', messageOf(error, address))

  // The outage ends with the last failing connection: one may be back while another one still fails.
  const failing = new Set<Redis>()
  const watch = (redis: Redis) => {
    redis.on('error', error => {
      if (failing.size === 0) {
        log.warn({ code: 'QUEUE_UNREACHABLE', error: explain(error).message }, 'the queue is down')
      }
      failing.add(redis)
    })
    redis.on('ready', () => {
      if (failing.delete(redis) && failing.size === 0) log.info({ address }, 'the queue is up again')
    })
    redis.on('end', () => failing.delete(redis))
  }

  let demotions = 0
  const reconnectOnError = (error: Error) => {
    if (!isReplica(error)) return false
    demotions += 1
    return true
  }
  const connect = (options: RedisOptions) =>
    new WatchedRedis({ ...target, ...COMMON, reconnectOnError, ...options }, watch)
  return {
    address,
    explain,
    demotions: () => demotions,
    connectFailingFast: () => connect(FAILING_FAST),
    connectWaiting: () => connect(WAITING),
  }
}

interface Target extends RedisOptions {
  readonly host: string
  readonly port: number
}

function targetOf(text: string): Target {
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
  // The version that BullMQ is tested with.
  protocol: 2,
  connectTimeout: 5 * SECOND,
  retryStrategy: attempts => Math.min(attempts * 100, 2 * SECOND),
} satisfies RedisOptions

const FAILING_FAST = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 0,
  socketTimeout: 2 * SECOND,
} satisfies RedisOptions

const WAITING = { maxRetriesPerRequest: null, socketTimeout: 5 * SECOND } satisfies RedisOptions

/** BullMQ copies a connection for its blocking commands, but cannot close the copy while Redis is down. */
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
    const isBetweenAttempts = this.status === 'reconnecting'
    super.disconnect(reconnect)
    if (reconnect) return
    if (isBetweenAttempts) {
      // Between attempts, ioredis only cancels the next one, and a caller who waits for the end or for an answer would
      // wait for ever. Disconnecting during a new attempt ends the connection properly.
      this.connect().catch(() => {})
      super.disconnect()
    }
    for (const copy of this.#copies) copy.disconnect()
  }
}

/** After a failover, new connections lead to the new primary. Older versions have the word within a longer message. */
const isReplica = (error: Error): boolean => /\bREADONLY\b|^(?:UNBLOCKED|MASTERDOWN) /.test(error.message)

/** Uses only the error's message: its other properties contain the command, and with it the password. */
function messageOf(error: unknown, address: string): string {
  const reason = error instanceof Error ? error.message || String(Reflect.get(error, 'code')) : String(error)
  if (/^(WRONGPASS|NOAUTH|NOPERM|ERR (AUTH|invalid password|Client sent AUTH))/.test(reason))
    return `Redis at ${address} refuses user and password: correct those in queue.url. It says: ${reason}`
  if (/^(MOVED|ASK|CROSSSLOT|CLUSTERDOWN) /.test(reason)) return clusterRefusal(address)
  if (/\bREADONLY\b/.test(reason))
    return `Redis at ${address} is a replica, which takes no changes. Does queue.url lead to the primary?`
  if (/^[A-Z]+ /.test(reason)) return `Redis at ${address} refuses the command: ${reason}`
  return `Redis at ${address} cannot be reached: ${reason.replace(/\.+$/, '')}. Is it running, and is queue.url right?`
}

/** What to tell an admin whose Redis is a cluster. */
export const clusterRefusal = (address: string): string =>
  `queue.url: Redis at ${address} is a cluster, which the queue cannot use. Give the URL of a Redis or Valkey without cluster mode (cluster-enabled no).`
