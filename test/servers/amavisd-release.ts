import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * A copy of the real `amavisd-release` that talks to this socket: its socket path is fixed inside the script.
 * @param dir an existing directory; the copy is named after the socket's directory
 */
export function amavisdReleaseFor(socketPath: string, dir: string): string {
  const script = readFileSync('/usr/sbin/amavisd-release', 'utf8')
  const moved = script.replace(/^(\s*\$socketname = ')[^']*(';)/m, `$1${socketPath}$2`)
  if (moved === script) throw new Error('amavisd-release names its socket in another way')
  const home = join(dir, dirname(socketPath).replaceAll('/', '_'))
  mkdirSync(home, { recursive: true })
  const command = join(home, 'amavisd-release')
  writeFileSync(command, moved, { mode: 0o755 })
  return command
}
