import process from 'node:process'
import { type Logger, pino } from 'pino'
import { goesToJournal, withPriority } from './log-journal.ts'
import { jsonLine, textLine } from './log-lines.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export type LogFormat = 'json' | 'text'

/**
 * Logs to stderr, because stdout is for results: one line a record, whatever strangers' strings are in it. In the
 * journal of systemd, each line has its priority.
 *
 * @param format undefined: text on a terminal, JSON elsewhere
 */
export function createLog(level: LogLevel, format?: LogFormat): Logger {
  const isTerminal = process.stderr.isTTY === true
  const isText = format === undefined ? isTerminal : format === 'text'
  const inJournal = goesToJournal(process.env, STDERR)
  const out = stderr()
  const write = (record: string) => {
    const line = isText ? textLine(record, { isTerminal }) : jsonLine(record)
    out.write(`${inJournal ? withPriority(line, levelOf(record)) : line}\n`)
  }
  const timestamp = () => `,"time":"${new Date().toISOString()}"`
  return pino({ level, base: null, timestamp }, { write })
}

/** A full disk must not end a service: lines are kept, up to a limit in octets, until they can be written. */
function stderr() {
  const destination = pino.destination({ fd: STDERR, sync: true, maxLength: 1 << 20 })
  return destination.on('error', () => undefined)
}

const STDERR = 2

/** Pino writes the level first. */
const levelOf = (record: string): number => Number(/^\{"level":(\d+)/.exec(record)?.[1] ?? 30)
