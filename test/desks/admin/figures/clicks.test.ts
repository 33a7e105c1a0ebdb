import { expect, test } from 'vitest'
import { clickFigures } from '../../../../src/desks/admin/figures/clicks.ts'
import { DAY, HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { ClickTable } from '../../../../src/ground/state/state-tables.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { insert } from '../../../embedded/rows.ts'

test('counts by domain how soon links were fetched, and how many digests a machine reads', async () => {
  const program = await embeddedProgram()
  const now = program.time.now
  let count = 0
  const click = (domain: string, row: Partial<ClickTable>): ClickTable => {
    count += 1
    return {
      click_id: `c${count}`,
      at: now - 1000,
      digest_id: 'd1',
      domain,
      page: 'release',
      method: 'GET',
      after_ms: HOUR,
      ...row,
    }
  }
  await insert(program, 'digest_click', [
    click('example.com', { after_ms: 2_000 }),
    click('example.com', { after_ms: 9_999, method: 'HEAD' }),
    click('example.com', { after_ms: 10_000 }),
    click('example.com', { after_ms: MINUTE }),
    click('example.com', { after_ms: null, digest_id: 'd2' }),
    click('example.com', { method: 'POST' }),
    click('example.com', { method: 'POST', page: 'preferences' }),
    click('example.com', { page: 'canary', after_ms: 1_000 }),
    click('example.org', {}),
    click('example.org', { at: now - 31 * DAY }),
  ])
  const figures = await clickFigures(program.deps, undefined, { days: 30 })
  expect(figures).toEqual([
    {
      domain: 'example.com',
      gets: { within10s: 2, within60s: 1, within10m: 1, later: 1 },
      posts: 1,
      canaryHits: 1,
      digests: 2,
      digestsReadByMachines: 1,
    },
    {
      domain: 'example.org',
      gets: { within10s: 0, within60s: 0, within10m: 0, later: 1 },
      posts: 0,
      canaryHits: 0,
      digests: 1,
      digestsReadByMachines: 0,
    },
  ])
  const own = await clickFigures(program.deps, ['example.org'], { days: 30 })
  expect(own.map(({ domain }) => domain)).toEqual(['example.org'])
  expect(await clickFigures(program.deps, [], { days: 30 })).toEqual([])
})

test('the clicks are counted once a minute, however many admins look', async () => {
  const { deps, statements, time } = await embeddedProgram()
  const look = () => clickFigures(deps, undefined, { days: 30 })
  statements.length = 0
  await Promise.all([look(), look()])
  time.now += 59_000
  await look()
  expect(statements).toHaveLength(1)
  time.now += 1000
  await look()
  expect(statements).toHaveLength(2)
})
