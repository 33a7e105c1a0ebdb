import { expect, test } from 'vitest'
import { chunks } from '../../src/database/chunks.ts'
import { releaseNews } from '../../src/digest/release-news.ts'
import { insert, itemRow, releaseRow } from '../desk/rows.ts'
import { NOW } from '../embedded/clock.ts'
import { embeddedProgram } from '../embedded/program.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'

test('Of more releases than are told of at once, the last ones are, whosever they are', async () => {
  const program = await embeddedProgram()
  const old = Array.from({ length: 1000 }, (_, index) => ({
    id: `old-${index}`,
    reader: ALICE,
    at: NOW + index,
  }))
  for (const some of chunks([...old, { id: 'new', reader: BOB, at: NOW + 5000 }])) {
    const items = some.map(({ id, reader }) => itemRow(id, reader, NOW))
    await insert(program, 'digest_item', items)
    const releases = some.map(({ id, reader, at }) =>
      releaseRow(id, NOW, { state: 'failed', requested_by: reader, finished_at: at }),
    )
    await insert(program, 'digest_release', releases)
  }
  const news = await releaseNews(program.state, [ALICE, BOB], NOW - 1)
  const told = news.map(({ item }) => item.itemId)
  expect(told).toHaveLength(1000)
  expect(told).toContain('new')
  expect(told).not.toContain('old-0')
})
