import { existsSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'

/**
 * Where databases of tests are kept: in memory if there is plenty of it and TMPDIR is not set. Programs may be forbidden
 * to run from there. On a busy disk, one migration takes MariaDB two seconds instead of two tenths, because it flushes
 * 700 times for it; and a thousand SQLite files, each made and deleted, take half a minute.
 */
export function quickFolder(): string {
  if (process.env.TMPDIR || !existsSync(MEMORY)) return tmpdir()
  const { bavail, bsize } = statfsSync(MEMORY)
  return bavail * bsize > ENOUGH ? MEMORY : tmpdir()
}

const MEMORY = '/dev/shm'

/** In octets: a server takes about 200 MB, and a dozen may run at once. */
const ENOUGH = 4_000_000_000
