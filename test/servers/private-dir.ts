import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { quickFolder } from '../quick-folder.ts'

export interface PrivateDir {
  readonly path: string
  /** The user to run the server as: `user` if we are root, otherwise our own user. */
  readonly user: string
  /** Creates a directory in it that the server's user owns. */
  own(name: string): string
  remove(): void
}

/** Creates a directory for a server. The server's user owns only what `own` creates. */
export function privateDir(name: string, user: string): PrivateDir {
  const path = mkdtempSync(join(quickFolder(), `${name}-`))
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

const idOf = (flag: '-u' | '-g', user: string): number =>
  Number(execFileSync('id', [flag, user], { encoding: 'utf8' }))
