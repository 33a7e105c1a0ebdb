import { readdirSync, readFileSync } from 'node:fs'

/**
 * Sends SIGSTOP to a process and waits until all of its threads stand. The signal acts only when a system call is over:
 * until then, a server may still answer, or fork one that answers.
 */
export function standStill(pid: number): void {
  process.kill(pid, 'SIGSTOP')
  const deadline = performance.now() + PATIENCE
  while (!threadsOf(pid).every(isStanding)) {
    if (performance.now() > deadline) throw new Error(`process ${pid} does not stop`)
    Atomics.wait(NEVER_WOKEN, 0, 0, 1)
  }
}

/** Milliseconds: waiting for a disk is part of a system call. */
const PATIENCE = 10_000

const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4))

/** The contents of `stat` of each thread. None: the process has ended. */
const threadsOf = (pid: number): string[] =>
  orNothing(() => readdirSync(`/proc/${pid}/task`), []).map(thread =>
    orNothing(() => readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'), ENDED),
  )

const ENDED = '0 (ended) X'

function orNothing<Read>(read: () => Read, nothing: Read): Read {
  try {
    return read()
  } catch {
    return nothing
  }
}

/** Stopped, or at its end. The state comes after the name, which may have any characters. */
const isStanding = (stat: string): boolean => 'TtZX'.includes(stat.charAt(stat.lastIndexOf(')') + 2))
