import { schedule as startTask } from 'node-cron'
import { SECOND } from '../../ground/durations.ts'

/**
 * Calls `onTick` every few seconds, so that the caller can check what is due (`due-times.ts` calculates that). After
 * the clock has been put back, it does not tick until its old time comes again; the caller needs a timer as well.
 */
export function startTicking(onTick: () => void): AsyncDisposable {
  let task = startNextTask()
  let rearming: NodeJS.Immediate | undefined

  // One task for each tick. When the clock is put forward, a single task for all ticks would go through every missed
  // tick one by one. A machine that starts in 1970 and then gets the right time would take hours and all its memory.
  function startNextTask() {
    const at = new Date((Math.floor(Date.now() / EVERY) + 1) * EVERY)
    const next = startTask(cronAt(at), tick, { timezone: 'UTC', suppressMissedWarning: true })
    next.on('execution:missed', tick)
    return next
  }

  function tick(): void {
    if (rearming) return
    // Destroyed from within its own callback, the task would still set its next timer.
    rearming = setImmediate(() => {
      rearming = undefined
      void task.destroy()
      task = startNextTask()
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

/** A cron expression of six fields for this second of the year. */
const cronAt = (at: Date): string =>
  [at.getUTCSeconds(), at.getUTCMinutes(), at.getUTCHours(), at.getUTCDate(), at.getUTCMonth() + 1, '*'].join(
    ' ',
  )
