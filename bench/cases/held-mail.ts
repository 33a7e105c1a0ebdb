import { heldMailBetween } from '../../src/ground/amavis/held-mail-between.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import { connect } from '../../src/ground/database/connect.ts'
import { fillStorage } from '../../test/servers/fill-storage.ts'
import { type BenchCase, comparison, inTurns } from '../figures.ts'
import { wallOf } from '../measure.ts'
import { startDatabase } from '../servers.ts'

/** Reading the held mail of a window, starting from the time index, compared with starting from the recipients. */
export const heldMail: BenchCase = {
  name: 'held-mail',
  title: 'Reading the held mail of a window',
  async *measure({ quick, rounds }) {
    await using stack = new AsyncDisposableStack()
    const database = await startDatabase(stack)
    const now = Date.now()
    await fillStorage(database, { messages: quick ? 100_000 : 300_000, readers: 20_000, days: 10 }, now)
    const storage = stack.use(connect<AmavisTables>('storage', database.url))
    const until = Math.floor(now / 1000)
    for (const [name, seconds] of WINDOWS) {
      const from = until - seconds
      const { ours, other } = await inTurns(rounds, {
        ours: () => wallOf(() => heldMailBetween(storage.sql, FILTER, from, until)),
        other: () => wallOf(() => database.query(FROM_RECIPIENTS, [from, until])),
      })
      yield comparison(name, 'ms', ours, { what: 'from msgrcpt first', values: other })
    }
  },
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
