import { expect, test } from 'vitest'
import { lastDays } from '../../../../src/desks/admin/figures/days.ts'
import { overview } from '../../../../src/desks/admin/figures/overview.ts'
import { DAY, HOUR } from '../../../../src/ground/durations.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { digestRow, insert, itemRow, releaseRow } from '../../../embedded/rows.ts'

const NOON = Date.UTC(2026, 2, 29, 12)

test('counts by kind what came in on each day, and how much of it was listed or released', async () => {
  const program = await filled()
  const figures = await overview(program.deps, undefined, 2, 'UTC')
  expect(figures.map(({ day }) => day)).toEqual(['2026-03-28', '2026-03-29'])
  expect(figures[0]).toMatchObject({
    held: { spam: 3, banned: 1, badHeader: 1, virus: 2 },
    listed: { spam: 2, banned: 0, badHeader: 1, virus: 0 },
    released: { spam: 1, banned: 0 },
  })
  expect(figures[1]).toMatchObject({
    held: { spam: 1, virus: 0 },
    listed: { spam: 0 },
    released: { spam: 0 },
  })
})

test('an admin of some domains gets figures for these only', async () => {
  const program = await filled()
  const [yesterday] = await overview(program.deps, ['example.org'], 2, 'UTC')
  expect(yesterday).toMatchObject({ held: { spam: 1, banned: 0 } })
})

test('a message with several readers counts once: as listed when one of them has it, as released whoever asked', async () => {
  const program = await embeddedProgram()
  program.time.now = NOON
  const at = NOON - HOUR
  const readers = ['alice@example.com', 'bob@example.org', 'carol@example.org']
  await insert(program, 'digest_digest', [
    digestRow('sent', 'alice@example.com', at),
    digestRow('pending', 'bob@example.org', at, { state: 'pending' }),
  ])
  const items = (held: string, digests: readonly (string | null)[]) =>
    readers.map((reader, index) =>
      itemRow(`${held}-${reader}`, reader, at, { held_id: held, digest_id: digests[index] ?? null }),
    )
  const own = itemRow('own', 'sales@example.com', at, { digest_id: 'pending' })
  await insert(program, 'digest_item', [
    ...items('a', ['sent', 'pending', null]),
    ...items('b', [null, 'pending', null]),
    ...items('c', [null, null, null]),
    own,
    { ...own, item_id: 'own-alice', reader: 'alice@example.com', held_id: 'own', digest_id: 'sent' },
  ])
  const asked = { asked_item: 'is not kept any more', asked_by: 'alice@example.com' }
  await insert(program, 'digest_release', [releaseRow('a', at, asked)])
  const spam = async (reach?: readonly string[]) => {
    const [day] = await overview(program.deps, reach, 1, 'UTC')
    return [day?.held.spam, day?.listed.spam, day?.released.spam]
  }
  expect(await spam()).toEqual([4, 2, 1])
  expect(await spam(['example.com'])).toEqual([4, 2, 1])
  expect(await spam(['example.org'])).toEqual([3, 0, 1])
})

test("today's figures are counted again after half a minute, those of past days after ten minutes", async () => {
  const program = await filled()
  const heldNow = async () => (await overview(program.deps, undefined, 2, 'UTC')).map(({ held }) => held.spam)
  expect(await heldNow()).toEqual([3, 1])
  await insert(program, 'digest_item', [
    itemRow('late', 'bob@example.com', NOON - DAY),
    itemRow('new', 'bob@example.com', NOON - HOUR),
  ])
  expect(await heldNow()).toEqual([3, 1])
  program.time.now = NOON + 31_000
  expect(await heldNow()).toEqual([3, 2])
  program.time.now = NOON + 601_000
  expect(await heldNow()).toEqual([4, 2])
})

test('days that begin at the same moment in two time zones have their own figures, though their names differ', async () => {
  const program = await filled()
  const figuresIn = async (timeZone: string) =>
    (await overview(program.deps, undefined, 3, timeZone)).map(({ listed, released }) => [listed, released])
  const inTonga = await figuresIn('Pacific/Tongatapu')
  expect(inTonga.map(([, released]) => released?.spam)).toContain(1)
  expect(await figuresIn('Pacific/Pago_Pago')).toEqual(inTonga)
})

test('days start at midnight in the time zone, even when clocks change', () => {
  const days = lastDays(NOON, 'Europe/Paris', 2)
  expect(days.map(({ to, from }) => (to - from) / HOUR)).toEqual([24, 23])
  expect(days[1]?.name).toBe('2026-03-29')
  expect(new Date(days[1]?.from ?? 0).toISOString()).toBe('2026-03-28T23:00:00.000Z')
})

async function filled() {
  const program = await embeddedProgram()
  program.time.now = NOON
  const yesterday = NOON - DAY
  await insert(program, 'digest_digest', [
    digestRow('sent', 'alice@example.com', yesterday),
    digestRow('waiting', 'alice@example.com', yesterday, { state: 'pending' }),
    digestRow('again', 'alice@example.com', yesterday, { state: 'pending', resent: 1 }),
    digestRow('came-to-nothing', 'alice@example.com', yesterday, { state: 'empty' }),
    digestRow('dropped', 'alice@example.com', yesterday, { state: 'dropped' }),
  ])
  await insert(program, 'digest_item', [
    itemRow('1', 'alice@example.com', yesterday, { digest_id: 'sent' }),
    itemRow('2', 'alina@example.org', yesterday, { digest_id: 'sent' }),
    itemRow('3', 'alice@example.com', yesterday, { digest_id: 'waiting', content: 'B' }),
    itemRow('4', 'alice@example.com', NOON - HOUR),
    itemRow('5', 'alice@example.com', yesterday, { digest_id: 'again', content: 'H' }),
    itemRow('6', 'alice@example.com', yesterday, { digest_id: 'dropped' }),
    itemRow('7', 'alice@example.com', yesterday, { digest_id: 'came-to-nothing', content: 'V' }),
    itemRow('8', 'alice@example.com', NOON - HOUR, { content: 'V', mail_at: yesterday }),
  ])
  await insert(program, 'digest_release', [
    releaseRow('1', yesterday),
    releaseRow('2', yesterday, { state: 'failed' }),
  ])
  return program
}
