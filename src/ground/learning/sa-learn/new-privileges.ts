import { readFileSync } from 'node:fs'
import { SECOND } from '../../durations.ts'
import { run } from './run.ts'

/**
 * Whether nothing that this process starts can become another user, so that sudo fails: `NoNewPrivileges=yes` of
 * systemd, as in the units in `packaging`. See prctl(2), PR_SET_NO_NEW_PRIVS.
 */
export const hasNoNewPrivileges = (status = statusOfSelf()): boolean => /^NoNewPrivs:\s*1$/m.test(status)

function statusOfSelf(): string {
  try {
    return readFileSync('/proc/self/status', 'utf8')
  } catch {
    return ''
  }
}

/** The same of the service, by its unit. False where systemd does not run, or knows no such unit. */
export async function serviceHasNoNewPrivileges(): Promise<boolean> {
  const args = ['show', '--property=NoNewPrivileges', '--value', 'amavis-digest.service']
  const shown = await run({ program: 'systemctl', args, home: '/' }, new Uint8Array(), 5 * SECOND).catch(
    () => undefined,
  )
  return shown?.code === 0 && shown.output.trim() === 'yes'
}
