/** What one digest costs, as measured. Times are in milliseconds. */
export interface Parts {
  /** How long one process takes to make it: find its reader, claim its items, write its row. */
  readonly making: number
  /** CPU of our processes for making and sending it. */
  readonly cpu: number
  /** How long it keeps one process busy when the SMTP server answers at once. */
  readonly sending: number
  /** How long it takes a connection, besides the time that the SMTP server needs. */
  readonly hold: number
  readonly databaseCpu: number
  readonly statements: number
  readonly rowsWritten: number
  /** At most so many flushes of the database's log. */
  readonly writes: number
  /** Octets. */
  readonly log: number
  readonly redisCommands: number
  readonly redisCpu: number
}

/** By which case, and in which line of it, each part is measured. */
export const PARTS: { readonly [Part in keyof Parts]: { readonly case: string; readonly what: string } } = {
  making: { case: 'model', what: 'making, for each digest' },
  cpu: { case: 'model', what: 'CPU for each' },
  sending: { case: 'model', what: 'sending with 10 connections, for each' },
  hold: { case: 'model', what: 'a connection is taken for each mail, besides the latency' },
  databaseCpu: { case: 'model', what: 'CPU of MariaDB for each' },
  statements: { case: 'model', what: 'SQL statements for each' },
  rowsWritten: { case: 'model', what: 'rows written for each' },
  writes: { case: 'model', what: 'statements that write, for each' },
  log: { case: 'model', what: 'log written for each' },
  redisCommands: { case: 'scale-out', what: 'commands to Redis for each' },
  redisCpu: { case: 'scale-out', what: 'CPU of Redis for each' },
}

export interface Run {
  readonly digests: number
  /** Connections to SMTP servers, of all processes together. */
  readonly connections: number
  /** How long an SMTP server needs for a mail, in milliseconds. */
  readonly latency: number
}

/** @returns the milliseconds that one process takes to make all digests and then to send them */
export const timeOfRun = (
  { making, sending, hold }: Pick<Parts, 'making' | 'sending' | 'hold'>,
  { digests, connections, latency }: Run,
): number => digests * (making + Math.max(sending, (latency + hold) / connections))

/** What it takes to send so many digests within some time. */
export interface Fleet {
  /** Digests a second. */
  readonly rate: number
  /** Processors for our processes. */
  readonly cores: number
  readonly connections: number
  readonly databaseCores: number
  readonly statements: number
  readonly rowsWritten: number
  readonly writes: number
  /** Octets a second. */
  readonly log: number
  readonly redisCommands: number
  /** The share of the one processor that Redis uses. */
  readonly redisShare: number
  /** Seconds that making takes if one process does all of it. */
  readonly makingAlone: number
}

/** @param seconds for making and sending them, which go on at the same time */
export function fleetFor(parts: Parts, digests: number, seconds: number, latency: number): Fleet {
  const rate = digests / seconds
  const busy = (milliseconds: number) => (rate * milliseconds) / 1000
  return {
    rate,
    cores: busy(parts.cpu) / USED,
    connections: busy(latency + parts.hold),
    databaseCores: busy(parts.databaseCpu) / USED,
    statements: rate * parts.statements,
    rowsWritten: rate * parts.rowsWritten,
    writes: rate * parts.writes,
    log: rate * parts.log,
    redisCommands: rate * parts.redisCommands,
    redisShare: busy(parts.redisCpu),
    makingAlone: (digests * parts.making) / 1000,
  }
}

/** A limit that a run meets, and how many digests an hour it allows. */
export type Limit = readonly [what: string, digestsAnHour: number]

/** The lowest first. */
export function limitsOf(parts: Parts, latency: number): readonly Limit[] {
  const hourBy = (milliseconds: number) => 3_600_000 / milliseconds
  const alone = timeOfRun(parts, { digests: 1, connections: 10, latency })
  const limits: readonly Limit[] = [
    ['`serve` by itself, 10 connections', hourBy(alone)],
    ['one processor for our processes', USED * hourBy(parts.cpu)],
    ['making, by one process', hourBy(parts.making)],
    ['100 connections', 100 * hourBy(latency + parts.hold)],
    ['eight processors of the database', 8 * USED * hourBy(parts.databaseCpu)],
    ['a disk with 1,000 flushes a second', (1_000 / parts.writes) * 3600],
    ['the feed of the queue', FEED * 3600],
    ['the one processor of Redis', USED * hourBy(parts.redisCpu)],
  ]
  return limits.toSorted(([, a], [, b]) => a - b)
}

/** `serve` offers so many digests a second to Redis: 10,000 every two seconds (src/work/jobs/offer-due.ts). */
const FEED = 5_000

/** The share of a processor that is planned to be used: the rest is for peaks. */
const USED = 0.7
