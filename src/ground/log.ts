import { type Logger, pino } from 'pino'
import type * as PinoPretty from 'pino-pretty'
import { onFirstUse } from './on-first-use.ts'

/** Logs JSON lines in service and readable lines on a terminal; always to stderr, because stdout is for results. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  if (!process.stderr.isTTY) return pino(options, stderr())
  return pino(
    options,
    pinoPretty().PinoPretty({ destination: STDERR, sync: true, translateTime: 'SYS:HH:MM:ss' }),
  )
}

/** A full disk must not end a service: lines are kept, up to a limit in octets, until they can be written. */
function stderr() {
  const destination = pino.destination({ fd: STDERR, sync: true, maxLength: 1 << 20 })
  return destination.on('error', () => undefined)
}

const pinoPretty = onFirstUse<typeof PinoPretty>('pino-pretty')

const STDERR = 2
