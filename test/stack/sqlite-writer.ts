import { writeSync } from 'node:fs'
import { connect } from '../../src/ground/database/connect.ts'
import { inTransaction } from '../../src/ground/database/transaction.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { addItems } from '../../src/work/collect/items.ts'

/** Writes until it is told to stop, and prints what it has committed. Arguments: `URL NAME`. */
const [, , url = '', name = ''] = process.argv
const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())
await using state = connect<StateTables>('state', url)
for (let round = 0; !stop.signal.aborted; round += 1) {
  const pair = [`${name}-${round}-a`, `${name}-${round}-b`]
  await inTransaction(state, async transaction => {
    for (const id of pair) {
      await transaction.insertInto('digest_watermark').values({ name: id, value: round }).execute()
    }
  })
  const single = `${name}-${round}-c`
  await addItems(state, [itemCalled(single)])
  // Written synchronously, so that everything printed has been committed, even if the process is killed.
  writeSync(1, `${[...pair, single].join('\n')}\n`)
}

function itemCalled(id: string): StateTables['digest_item'] {
  const people = { recipient: 'alice@example.com', reader: 'alice@example.com' }
  const key = { item_id: id, partition_tag: 0, mail_id: id, rseqnum: 1, mail_at: 1000 }
  return {
    ...key,
    ...people,
    content: 'S',
    collected_at: 1000,
    digest_id: null,
    held_id: null,
    listed_in: null,
    promised_until: null,
  }
}
