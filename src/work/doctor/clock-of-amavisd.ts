import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import { textOf } from '../../ground/database/text.ts'
import { durationText, MINUTE, SECOND } from '../../ground/durations.ts'
import { type Check, ok, warn } from '../../ground/health/check.ts'

export interface ClockOfAmavisdDeps {
  readonly storage: Kysely<AmavisTables>
  readonly clock: () => number
}

/** Whether an amavisd writes times in our future, by which its mail expires late and collecting runs ahead of itself. */
export const clockOfAmavisd = ({ storage, clock }: ClockOfAmavisdDeps): Check => ({
  id: 'clock.amavisd',
  needs: ['storage.grants'],
  async run() {
    const row = await storage
      .selectFrom('msgs')
      .select(['time_num', 'host'])
      .where('time_num', '>', Math.floor((clock() + TOLERATED) / SECOND))
      .orderBy('time_num', 'desc')
      .limit(1)
      .executeTakeFirst()
    if (!row) return [ok('no amavisd has written a time in our future')]
    const host = textOf(row.host).trim() || 'an amavisd'
    const ahead = Math.floor((Number(row.time_num) * SECOND - clock()) / MINUTE) * MINUTE
    return [
      warn(
        `${host} has written a time that is ${durationText(ahead)} in the future: its clock was ahead, or ours is behind.`,
        'On both machines: timedatectl set-ntp true. The rows of the wrong time leave with the retention.',
      ),
    ]
  },
})

const TOLERATED = 2 * MINUTE
