import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { z } from 'zod'
import { SECOND } from '../durations.ts'
import { CodedError } from '../errors.ts'

/**
 * Does the work while no other process changes the key file. Waits its turn, and takes over the lock of a process that
 * died.
 *
 * @param place where the file is reached
 * @param path what messages call it
 * @param patience how long it waits, in milliseconds
 * @throws CodedError KEY_FILE_BUSY when it did not get its turn in time
 */
export function withKeyFileLock<T>(place: string, path: string, work: () => T, patience = PATIENCE): T {
  const lock = `${place}.lock`
  const own = holderNow()
  const giveUpAt = performance.now() + patience
  for (;;) {
    const inTheWay = take(lock, own)
    if (inTheWay === undefined) break
    if (performance.now() > giveUpAt) throw busy(path, inTheWay, patience)
    pause()
  }
  try {
    return work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** Who holds a lock. */
const holderSchema = z.object({
  /** A number of its own for each lock. */
  id: z.string().regex(/^[\w-]+$/),
  pid: z.number(),
  host: z.string(),
  /** When the process started, as the kernel counts: a later process may get the same number. */
  started: z.string().optional(),
})
type Holder = z.output<typeof holderSchema>

const holderNow = (): Holder => ({
  id: randomBytes(9).toString('base64url'),
  pid: process.pid,
  host: hostname(),
  started: startOf('self'),
})

/** @returns undefined when the lock is ours, otherwise the process that has it */
function take(lock: string, own: Holder): Holder | undefined {
  if (put(lock, own)) return undefined
  const holder = holderOf(lock)
  // Released just now: the next attempt takes it.
  if (holder === undefined) return own
  if (isAlive(holder)) return holder
  return takeOver(lock, holder, own) ? undefined : holder
}

/**
 * Takes the lock of a dead process. Only one of several may: the one that gets this lock on the dead one's lock. It
 * looks once more, because another may have been faster before it got there.
 */
function takeOver(lock: string, dead: Holder, own: Holder): boolean {
  const claim = `${lock}-${dead.id}`
  if (!put(claim, own)) return false
  try {
    if (holderOf(lock)?.id !== dead.id) return false
    const next = `${lock}-${own.id}`
    write(next, own)
    renameSync(next, lock)
    return true
  } finally {
    rmSync(claim, { force: true })
  }
}

/** A hard link appears with its full content, and fails when there is one of that name. */
function put(lock: string, own: Holder): boolean {
  const draft = `${lock}-${own.id}`
  write(draft, own)
  try {
    linkSync(draft, lock)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(draft, { force: true })
  }
}

function write(path: string, own: Holder): void {
  writeFileSync(path, JSON.stringify(own), { flag: 'wx', mode: 0o600 })
}

function holderOf(lock: string): Holder | undefined {
  try {
    const file = openSync(lock, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      return holderSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    // Not written by this program, or by one whose disk was full.
    return { id: 'unreadable', pid: 0, host: hostname() }
  }
}

function isAlive({ pid, host, started }: Holder): boolean {
  // Of a process of another machine or container, nothing can be known.
  if (host !== hostname()) return true
  if (pid <= 0) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false
  }
  const start = startOf(pid)
  return start === undefined || started === undefined || start === started
}

/** The 22nd field of proc_pid_stat(5), counted from behind the name of the program, which may hold blanks. */
function startOf(pid: number | 'self'): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return undefined
  }
}

const busy = (path: string, { pid, host }: Holder, patience: number) =>
  new CodedError(
    'KEY_FILE_BUSY',
    `Process ${pid} on ${host} has been changing ${path} for ${patience / SECOND} s: nothing was changed. Try again. If there is no such process any more: rm ${path}.lock*`,
  )

/** Milliseconds. A change takes a few. */
const PATIENCE = 10 * SECOND

/** At random, so that those who wait do not all come back at once. */
function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5 + Math.random() * 20)
}
