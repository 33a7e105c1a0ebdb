import { expect, test } from 'vitest'
import { overview } from '../../../../src/desks/admin/figures/overview.ts'
import {
  findMessages,
  MESSAGE_STATES,
  type MessageQuery,
} from '../../../../src/desks/admin/messages/find-messages.ts'
import { KINDS } from '../../../../src/ground/amavis/content.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, itemRow, releaseRow } from '../../../embedded/rows.ts'

const NOON = Date.UTC(2026, 2, 29, 12)

test('lists exactly what the overview counts, for each day, kind and state', async () => {
  const program = await filled()
  const days = await overview(program.deps, undefined, 14, 'UTC')
  for (const { day, held, listed, released } of days) {
    for (const kind of KINDS) {
      const countOf = async (state?: MessageQuery['state']) =>
        (await idsOf(program, { day: Date.parse(day), kind, state })).length
      expect([await countOf(), await countOf('listed'), await countOf('released')], `${day} ${kind}`).toEqual(
        [held[kind], listed[kind], released[kind]],
      )
    }
  }
})

test('without a day, the last 14 days are listed newest first, and all that waits however old it is', async () => {
  const program = await filled()
  expect(await idsOf(program, {})).toEqual(['new', 'alina', 'listed', 'pending', 'again', 'virus'])
  expect(await idsOf(program, { state: 'waiting' })).toEqual(['new', 'alina', 'virus', 'old'])
})

test('pages follow one another without a gap, across days', async () => {
  const program = await filled()
  for (const state of [undefined, ...MESSAGE_STATES]) {
    const all = await idsOf(program, { state })
    const paged: string[] = []
    let after: string | undefined
    do {
      const page = await findMessages(program.deps, undefined, { timeZone: 'UTC', state, limit: 1, after })
      paged.push(...page.rows.map(({ itemId }) => itemId))
      after = page.next
    } while (after !== undefined)
    expect(paged).toEqual(all)
  }
})

test('an admin of some domains sees the messages of their readers only', async () => {
  const program = await filled()
  expect(await idsOf(program, {}, ['example.org'])).toEqual(['alina'])
  await expect(idsOf(program, { reader: 'alice@example.com' }, ['example.org'])).rejects.toMatchObject({
    code: 'OUT_OF_REACH',
  })
})

test('a message with several readers has a line for each, and is released for all of them', async () => {
  const program = await embeddedProgram()
  program.time.now = NOON
  const readers = ['alice@example.com', 'bob@example.com']
  await insert(
    program,
    'digest_item',
    readers.map(reader => itemRow(reader, reader, NOON - HOUR, { held_id: 'held' })),
  )
  await insert(program, 'digest_release', [releaseRow('held', NOON - HOUR, { asked_item: readers[1] ?? '' })])
  const query = { timeZone: 'UTC', state: 'released', limit: 10 } as const
  const { rows } = await findMessages(program.deps, undefined, query)
  expect(rows.map(({ reader, release }) => [reader, release?.heldId]).sort()).toEqual(
    readers.map(reader => [reader, 'held']),
  )
})

type Program = Awaited<ReturnType<typeof embeddedProgram>>

const idsOf = async (
  { deps }: Program,
  query: Omit<MessageQuery, 'limit' | 'timeZone'>,
  reach?: readonly string[],
) =>
  (await findMessages(deps, reach, { timeZone: 'UTC', limit: 50, ...query })).rows.map(({ itemId }) => itemId)

async function filled(): Promise<Program> {
  const program = await embeddedProgram()
  program.time.now = NOON
  const at = (daysAgo: number) => ({ mail_at: NOON - daysAgo * DAY - HOUR })
  await insert(program, 'digest_digest', [
    digestRow('sent', 'alice@example.com', NOON),
    digestRow('waiting', 'alice@example.com', NOON, { state: 'pending' }),
    digestRow('resent', 'alice@example.com', NOON, { state: 'pending', resent: 1 }),
  ])
  await insert(program, 'digest_item', [
    itemRow('new', 'alice@example.com', NOON, at(0)),
    itemRow('alina', 'alina@example.org', NOON, { ...at(1), content: 'B' }),
    itemRow('listed', 'alice@example.com', NOON, { ...at(2), digest_id: 'sent', content: 'Y' }),
    itemRow('pending', 'alice@example.com', NOON, { ...at(3), digest_id: 'waiting', content: 'H' }),
    itemRow('again', 'alice@example.com', NOON, { ...at(4), digest_id: 'resent', content: 'Z' }),
    itemRow('virus', 'alice@example.com', NOON, { ...at(13), content: 'V' }),
    itemRow('old', 'alice@example.com', NOON, at(20)),
  ])
  await insert(program, 'digest_release', [releaseRow('listed', NOON), releaseRow('again', NOON)])
  return program
}
