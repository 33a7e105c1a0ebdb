import { spawn } from 'node:child_process'
import type { Logger } from 'pino'

/** What tells systemd how the service is. Does nothing where systemd did not ask (no NOTIFY_SOCKET). */
export interface Systemd extends Disposable {
  ready(status: string): void
  stopping(): void
}

/**
 * Speaks sd_notify(3), through `systemd-notify`: Node has no datagrams over Unix sockets. The unit needs
 * `NotifyAccess=all`, because a child sends them. Where the unit has a watchdog it is fed twice in its time, as
 * sd_watchdog_enabled(3) advises; a process whose event loop stands still feeds it no more, and is started again.
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

function notifier(log: Logger): (...words: readonly string[]) => void {
  let complained = false
  const complain = (reason: string) => {
    if (!complained) log.warn({ reason }, 'systemd could not be told how the service is')
    complained = true
  }
  return (...words) => {
    const child = spawn('systemd-notify', words, { stdio: 'ignore' })
    child.once('error', error => complain(error.message))
    child.once('exit', status => {
      if (status !== 0) complain(`systemd-notify ended with ${status}`)
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
