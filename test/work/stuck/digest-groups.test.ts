import { expect, test } from 'vitest'
import { DAY, MINUTE } from '../../../src/ground/durations.ts'
import type { DigestTable } from '../../../src/ground/state/state-tables.ts'
import { DIGEST_STATES } from '../../../src/ground/state/states.ts'
import { HELD_BACK_FOR } from '../../../src/work/digest/send/hold-back.ts'
import { DIGEST_GROUPS, digestsInGroup } from '../../../src/work/stuck/digest-groups.ts'
import { NOW } from '../../embedded/clock.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { digestRow, insert } from '../../embedded/rows.ts'

test('each pending digest is in exactly one group, depending on its due time, attempts and lease', async () => {
  const rows = []
  for (const lease_until of [null, NOW, NOW + 1])
    for (const next_attempt_at of [NOW, NOW + 1])
      for (const attempts of [0, 1])
        rows.push({ state: 'pending' as const, lease_until, next_attempt_at, attempts })
  expect(await groupsOf(rows)).toEqual([
    ['due'],
    ['due'],
    ['spread'],
    ['putOff'],
    // An expired lease counts as none.
    ['due'],
    ['due'],
    ['spread'],
    ['putOff'],
    ['sending'],
    ['sending'],
    ['sending'],
    ['sending'],
  ])
})

test('a digest that is held back is put off, although nothing was attempted', async () => {
  const heldBack = { state: 'pending', attempts: 0, reply: `${HELD_BACK_FOR}: away` } as const
  expect(await groupsOf([{ ...heldBack, next_attempt_at: NOW + 1 }])).toEqual([['putOff']])
  expect(await groupsOf([{ ...heldBack, next_attempt_at: NOW + 1, reply: null }])).toEqual([['spread']])
})

test('a finished digest is in no group, unless it failed within the last seven days', async () => {
  const late = { next_attempt_at: NOW - 30 * DAY, finished_at: NOW - MINUTE }
  const rows = [
    ...DIGEST_STATES.filter(state => state !== 'pending').map(state => ({ state })),
    { state: 'failed', finished_at: NOW - 8 * DAY } as const,
    { state: 'failed', ...late } as const,
  ]
  expect(await groupsOf(rows)).toEqual([[], ['failed'], [], [], [], ['failed']])
})

test('a group contains only digests of readers within reach', async () => {
  const program = await embeddedProgram()
  const pending = { state: 'pending' } as const
  await insert(program, 'digest_digest', [
    digestRow('ours', 'alice@example.com', NOW, pending),
    digestRow('theirs', 'bob@example.org', NOW, pending),
  ])
  const ids = async (reach: readonly string[] | undefined) =>
    (await digestsInGroup(program.state, 'due', NOW, reach).select('digest_id').execute()).map(
      row => row.digest_id,
    )
  expect(await ids(['example.com'])).toEqual(['ours'])
  expect((await ids(undefined)).sort()).toEqual(['ours', 'theirs'])
  expect(await ids([])).toEqual([])
})

/** Lists the groups that contain each digest. @param digests the columns in which the rows differ */
async function groupsOf(digests: readonly Partial<DigestTable>[]): Promise<string[][]> {
  const program = await embeddedProgram()
  const rows = digests.map((row, index) =>
    digestRow(`${index}`, `reader-${index}@example.com`, NOW - DAY, row),
  )
  await insert(program, 'digest_digest', rows)
  const groups: string[][] = rows.map(() => [])
  for (const group of DIGEST_GROUPS) {
    const found = await digestsInGroup(program.state, group, NOW).select('digest_id').execute()
    for (const row of found) groups[Number(row.digest_id)]?.push(group)
  }
  return groups
}
