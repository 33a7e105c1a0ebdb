import { heldMailBetween } from '../../src/ground/amavis/held-mail-between.ts'
import { duration, wallOf } from '../measure.ts'
import type { Result } from '../table.ts'
import type { World } from '../world.ts'

/** Reading the held mail of a window, starting from the time index, compared with starting from the recipients. */
export async function* measureHeldMail(world: World): AsyncGenerator<Result> {
  const until = Math.floor(world.now / 1000)
  for (const [name, seconds] of WINDOWS) {
    const from = until - seconds
    let rows = 0
    const [ours = 0, other = 0] = await wallOf([
      async () => {
        rows = (await heldMailBetween(world.storage.sql, FILTER, from, until)).length
      },
      () => world.database.query(FROM_RECIPIENTS, [from, until]),
    ])
    yield {
      what: `held mail of ${name}: ${rows} rows`,
      ours: duration(ours),
      ratio: other / ours,
      otherwise: 'from msgrcpt first',
    }
  }
}

const WINDOWS = [
  ['15 minutes', 900],
  ['an hour', 3600],
  ['a day', 86_400],
] as const

const FILTER = { localOnly: true, excludedKinds: ['virus'] } as const

const FROM_RECIPIENTS = `
  SELECT STRAIGHT_JOIN msgs.partition_tag, msgs.mail_id, msgrcpt.rseqnum, maddr.email, msgrcpt.content,
    msgs.time_num, msgs.message_id
  FROM msgrcpt
  JOIN msgs ON msgs.partition_tag = msgrcpt.partition_tag AND msgs.mail_id = msgrcpt.mail_id
  JOIN maddr ON maddr.id = msgrcpt.rid
  WHERE msgs.time_num >= ? AND msgs.time_num < ? AND msgs.content IS NOT NULL AND msgs.quar_type NOT IN (' ', '')
    AND msgrcpt.ds != 'P' AND msgrcpt.rs IN (' ', '', 'V') AND msgrcpt.is_local = 'Y' AND msgrcpt.content != 'V'`
