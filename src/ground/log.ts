import { type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

/** JSON lines in service, readable ones on a terminal; always on stderr, because stdout is for results. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: STDERR, sync: true }))
  return pino(options, PinoPretty({ destination: STDERR, sync: true, translateTime: 'SYS:HH:MM:ss' }))
}

const STDERR = 2
