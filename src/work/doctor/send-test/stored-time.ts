import { durationText, MINUTE, SECOND } from '../../../ground/durations.ts'
import { type Finding, warn } from '../../../ground/health/check.ts'

/**
 * What is wrong with the time at which amavisd says that it received a mail; undefined: nothing.
 *
 * @param timeNum `msgs.time_num`, in seconds
 * @param sentAt when we sent that mail, in milliseconds
 */
export function storedTime(timeNum: number, sentAt: number): Finding | undefined {
  const off = timeNum * SECOND - sentAt
  if (Math.abs(off) < TOLERATED) return undefined
  const minutes = durationText(Math.floor(Math.abs(off) / MINUTE) * MINUTE)
  return warn(
    `amavisd wrote a time that is ${minutes} ${off > 0 ? 'in the future' : 'behind ours'}: mail with such times is listed late, expires early, or is in no digest`,
    'On both machines: timedatectl set-ntp true',
  )
}

/** Milliseconds. A mail server may take its time before it hands the mail to the filter. */
const TOLERATED = 2 * MINUTE
