import { expect, test } from 'vitest'
import { isAfterPosition, pageByTime, positionOf } from '../../../../src/desks/admin/listing/paging.ts'
import { NOW } from '../../../embedded/clock.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert } from '../../../embedded/rows.ts'

test('page after page, each row comes once, even if several have the same time', async () => {
  const program = await embeddedProgram()
  const rows = ['e', 'd', 'c', 'b', 'a'].map((id, index) =>
    digestRow(id, `${id}@example.com`, NOW - Math.floor(index / 2)),
  )
  await insert(program, 'digest_digest', rows)
  const seen: string[] = []
  let after: string | undefined
  do {
    const found = await program.state.sql
      .selectFrom('digest_digest')
      .select(['digest_id', 'created_at'])
      .where(({ ref }) => isAfterPosition(positionOf(after), ref('created_at'), ref('digest_id')))
      .orderBy('created_at', 'desc')
      .orderBy('digest_id', 'desc')
      .limit(4)
      .execute()
    const page = pageByTime(found, 3, row => ({ at: Number(row.created_at), id: row.digest_id }))
    seen.push(...page.rows.map(row => row.digest_id))
    after = page.next
  } while (after !== undefined)
  expect(seen).toEqual(['e', 'd', 'c', 'b', 'a'])
})
