import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Makes a copy of the real `amavisd-release` that talks to this socket. The path is hard-coded in the script.
 * @param dir an existing directory; the copy is named after the socket's directory
 */
export function amavisdReleaseFor(socketPath: string, dir: string): string {
  const script = readFileSync('/usr/sbin/amavisd-release', 'utf8')
  const patched = script.replace(/^(\s*\$socketname = ')[^']*(';)/m, `$1${socketPath}$2`)
  if (patched === script) throw new Error('amavisd-release names its socket in another way')
  const home = join(dir, dirname(socketPath).replaceAll('/', '_'))
  mkdirSync(home, { recursive: true })
  const command = join(home, 'amavisd-release')
  writeFileSync(command, patched, { mode: 0o755 })
  return command
}
