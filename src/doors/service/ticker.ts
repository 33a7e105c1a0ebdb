import { schedule as startTask } from 'node-cron'
import { SECOND } from '../../ground/durations.ts'

/**
 * Calls `onTick` every few seconds, for a look at what is due; when that is, `due-times.ts` counts. After the clock
 * was put back it is silent until its old time comes again: whoever must not miss that looks by a timer too.
 */
export function startTicking(onTick: () => void): AsyncDisposable {
  let task = startOne()
  let rearming: NodeJS.Immediate | undefined

  // One task for each tick. A task for all of them goes through every tick that was missed, one by one, when the
  // clock is put forward: for hours, and out of memory, when a machine that starts in 1970 learns what year it is.
  function startOne() {
    const at = new Date((Math.floor(Date.now() / EVERY) + 1) * EVERY)
    const one = startTask(cronAt(at), beat, { timezone: 'UTC', suppressMissedWarning: true })
    one.on('execution:missed', beat)
    return one
  }

  function beat(): void {
    if (rearming) return
    // Not from inside: it would set its next timer after its end.
    rearming = setImmediate(() => {
      rearming = undefined
      void task.destroy()
      task = startOne()
      onTick()
    })
  }

  return {
    async [Symbol.asyncDispose]() {
      clearImmediate(rearming)
      await task.destroy()
    },
  }
}

const EVERY = 5 * SECOND

/** Of six fields: this second of the year. */
const cronAt = (at: Date): string =>
  [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, '*'].join(
    ' ',
  )
