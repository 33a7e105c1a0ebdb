import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import { migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { startChild } from '../servers/child.ts'
import { waitUntil } from '../servers/wait.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const WRITER = fileURLToPath(new URL('sqlite-writer.ts', import.meta.url))

test('everything committed to one SQLite file is complete after two of its four writers were killed', async () => {
  const url = `sqlite://${join(temporaryFolder(), 'state.sqlite')}`
  await using state = connect<StateTables>('state', url)
  await migrate(state)
  const writers = ['a', 'b', 'c', 'd'].map(name => startChild(process.execPath, [WRITER, url, name]))
  const reported = () => writers.map(writer => writer.output().split('\n').slice(0, -1))
  const allReported = (lines: number) => reported().every(ids => ids.length >= lines)
  for (const writer of writers) await writer.whileAlive(waitUntil('writing', async () => allReported(60)))
  await Promise.all(writers.slice(0, 2).map(writer => writer.kill()))
  const killedAt = reported().map(ids => ids.length)
  await waitUntil('writing on', async () =>
    reported().every((ids, i) => i < 2 || ids.length > (killedAt[i] ?? 0) + 30),
  )
  await Promise.all(writers.slice(2).map(writer => writer.stop()))

  expect(await Promise.all(writers.map(writer => writer.ended))).toEqual([null, null, 0, 0])
  const marks = await state.sql.selectFrom('digest_watermark').select('name').execute()
  const items = await state.sql.selectFrom('digest_item').select('item_id').execute()
  const kept = new Set([...marks.map(row => row.name), ...items.map(row => row.item_id)])
  expect(
    reported()
      .flat()
      .filter(id => !kept.has(id)),
  ).toEqual([])
  const halves = [...kept].filter(
    id => id.endsWith('-a') !== kept.has(id.replace(/-a$/, '-b')) && id.endsWith('-a'),
  )
  expect(halves).toEqual([])
  const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(state.sql)
  expect(rows).toEqual([{ integrity_check: 'ok' }])
})
