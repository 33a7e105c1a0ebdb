import { type Logger, pino } from 'pino'
import { PinoPretty } from 'pino-pretty'

/** Logs JSON lines in service and readable lines on a terminal; always to stderr, because stdout is for results. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Logger {
  const options = { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` }
  if (!process.stderr.isTTY) return pino(options, pino.destination({ fd: STDERR, sync: true }))
  return pino(options, PinoPretty({ destination: STDERR, sync: true, translateTime: 'SYS:HH:MM:ss' }))
}

const STDERR = 2
