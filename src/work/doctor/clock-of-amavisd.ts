import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { textOf } from '../../ground/database/text.ts'
import { displayText } from '../../ground/display/text.ts'
import { durationText, MINUTE, SECOND } from '../../ground/durations.ts'
import { type Check, type Finding, ok, warn } from '../../ground/health/check.ts'
import { type OverlookedDeps, overlookedMail } from '../collect/overlooked.ts'

export interface ClockOfAmavisdDeps extends OverlookedDeps {
  readonly clock: () => number
}

/**
 * Whether an amavisd writes times in our future, by which its mail expires late and collecting runs ahead of itself; or
 * times so far in the past that collecting has passed them by, so that its mail is in no digest.
 */
export const clockOfAmavisd = (deps: ClockOfAmavisdDeps): Check => ({
  id: 'clock.amavisd',
  needs: ['storage.grants', 'state.tables'],
  async run() {
    const found = [await ahead(deps), await behind(deps)].filter(finding => finding !== undefined)
    return found.length > 0 ? found : [ok('no amavisd has written a time in our future, or too late')]
  },
})

async function ahead({ storage, clock }: ClockOfAmavisdDeps): Promise<Finding | undefined> {
  const row = await storage
    .selectFrom('msgs')
    .select(['time_num', 'host'])
    .where('time_num', '>', Math.floor((clock() + TOLERATED) / SECOND))
    .orderBy('time_num', 'desc')
    .limit(1)
    .executeTakeFirst()
  if (!row) return undefined
  const minutes = Math.floor((Number(row.time_num) * SECOND - clock()) / MINUTE) * MINUTE
  return warn(
    `${hostOf(row)} has written a time that is ${durationText(minutes)} in the future: its clock was ahead, or ours is behind.`,
    'On both machines: timedatectl set-ntp true. The rows of the wrong time leave with the retention.',
  )
}

const TOLERATED = 2 * MINUTE

async function behind(deps: ClockOfAmavisdDeps): Promise<Finding | undefined> {
  const overlooked = await overlookedMail(deps, deps.clock())
  const [latest] = overlooked.toSorted((a, b) => b.timeNum - a.timeNum)
  if (!latest) return undefined
  const row = await deps.storage
    .selectFrom('msgs')
    .select('host')
    .where('partition_tag', '=', latest.partitionTag)
    .where('mail_id', '=', latest.mailId)
    .executeTakeFirst()
  const minutes = durationText(deps.overlap)
  return warn(
    `${hostOf(row)} writes times more than ${minutes} behind ours, so digests miss held mail of it (such as mail id ${displayText(latest.mailId, 20)}): its clock is behind, or ours is ahead`,
    `On both machines: timedatectl set-ntp true. If their clocks agree, amavisd takes longer than ${minutes} for a message: raise collect.overlap. amavis-digest held list shows the mail that was missed.`,
  )
}

const hostOf = (row: { readonly host: AmavisTables['msgs']['host'] } | undefined): string =>
  displayText(textOf(row?.host ?? '').trim(), 100) || 'an amavisd'
