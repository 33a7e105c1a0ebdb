import { expect, test } from 'vitest'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { insert, releaseRow } from '../../embedded/rows.ts'

test('the marks of a second are recorded by one statement, at the latest when the program ends', async () => {
  const program = await embeddedProgram()
  const { marksMade, statements } = program
  const dueAt = NOW + 1
  await insert(
    program,
    'digest_release',
    ['a', 'b', 'c', 'queued'].map(id =>
      releaseRow(id, NOW, { state: id === 'queued' ? 'queued' : 'released', next_attempt_at: dueAt }),
    ),
  )
  statements.length = 0
  for (const id of ['a', 'b', 'queued']) marksMade.add(id)
  expect(statements).toEqual([])
  await marksMade[Symbol.asyncDispose]()
  expect(statements).toHaveLength(1)
  const due = (await program.rows('digest_release')).map(row => [row.item_id, row.next_attempt_at])
  expect(due).toEqual([
    ['a', null],
    ['b', null],
    ['c', dueAt],
    ['queued', dueAt],
  ])
})

test('marks that cannot be recorded hold up nobody', async () => {
  const { deps, marksMade, state } = await embeddedProgram()
  await state.sql.schema.dropTable('digest_release').execute()
  marksMade.add('a')
  await marksMade[Symbol.asyncDispose]()
  expect(deps.works.states()).toContainEqual({ part: 'recording', code: 'TABLE_MISSING' })
})
