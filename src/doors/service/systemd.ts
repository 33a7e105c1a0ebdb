import { spawn } from 'node:child_process'
import type { Logger } from 'pino'

/** Tells systemd the state of the service. Does nothing if systemd did not ask for it (no NOTIFY_SOCKET). */
export interface Systemd extends Disposable {
  ready(status: string): void
  stopping(): void
}

/**
 * Speaks sd_notify(3) through `systemd-notify`, because Node cannot send datagrams over Unix sockets. The unit needs
 * `NotifyAccess=all`, because a child process sends them. If the unit has a watchdog, it is fed twice per interval, as
 * sd_watchdog_enabled(3) advises. A process whose event loop hangs stops feeding it, and systemd restarts it.
 */
export function connectSystemd(env: NodeJS.ProcessEnv, log: Logger): Systemd {
  if (!env.NOTIFY_SOCKET) return { ready: () => {}, stopping: () => {}, [Symbol.dispose]: () => {} }
  const notify = notifier(log)
  const feeding = watchdogInterval(env)
  const timer = feeding === undefined ? undefined : setInterval(() => notify('WATCHDOG=1'), feeding).unref()
  return {
    ready: status => notify('READY=1', `STATUS=${status}`),
    stopping: () => notify('STOPPING=1', 'STATUS=finishing the work in hand'),
    [Symbol.dispose]: () => clearInterval(timer),
  }
}

function notifier(log: Logger): (...assignments: readonly string[]) => void {
  let hasWarned = false
  const warnOnce = (reason: string) => {
    if (!hasWarned) log.warn({ reason }, 'systemd could not be told the state of the service')
    hasWarned = true
  }
  return (...assignments) => {
    const child = spawn('systemd-notify', assignments, { stdio: 'ignore' })
    child.once('error', error => warnOnce(error.message))
    child.once('exit', status => {
      if (status !== 0) warnOnce(`systemd-notify ended with ${status}`)
    })
    child.unref()
  }
}

/** Milliseconds; undefined when the unit has no watchdog, or not for this process. */
function watchdogInterval({ WATCHDOG_USEC, WATCHDOG_PID }: NodeJS.ProcessEnv): number | undefined {
  const microseconds = Number(WATCHDOG_USEC)
  const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid
  return isOurs && microseconds > 0 ? microseconds / 2000 : undefined
}
