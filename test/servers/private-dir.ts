import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

export interface PrivateDir {
  readonly path: string
  /** As whom the server shall run: `user` when we are root, ourselves otherwise. */
  readonly user: string
  /** Makes a directory in it that the server's user owns. */
  own(name: string): string
  remove(): void
}

/** A new directory for a server. Only what `own` makes is the server's; the rest is ours. */
export function privateDir(name: string, user: string): PrivateDir {
  const path = mkdtempSync(join(placeForServers(), `${name}-`))
  chmodSync(path, 0o755)
  const remove = () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  process.on('exit', remove)
  const owner = process.getuid?.() === 0 ? { uid: idOf('-u', user), gid: idOf('-g', user) } : undefined
  return {
    path,
    user: owner ? user : userInfo().username,
    own: dirName => {
      const dir = join(path, dirName)
      mkdirSync(dir, { mode: 0o750 })
      if (owner) chownSync(dir, owner.uid, owner.gid)
      return dir
    },
    remove: () => {
      process.off('exit', remove)
      remove()
    },
  }
}

/**
 * In memory, where there is plenty of it and nobody has asked for another place: on a busy disk one migration takes
 * MariaDB, which flushes 700 times for it, two seconds instead of two tenths.
 */
function placeForServers(): string {
  if (process.env.TMPDIR || !existsSync(MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > PLENTY ? MEMORY : tmpdir()
}

const MEMORY = '/dev/shm'

/** Octets: a server takes some 200 MB, and a dozen may run at once. */
const PLENTY = 4_000_000_000

const idOf = (flag: '-u' | '-g', user: string): number =>
  Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
