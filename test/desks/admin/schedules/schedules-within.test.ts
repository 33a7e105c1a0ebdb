import { expect, test } from 'vitest'
import { rehearseByHand } from '../../../../src/desks/admin/digests/run-by-hand.ts'
import { calendar } from '../../../../src/desks/admin/schedules/calendar.ts'
import { comingRuns } from '../../../../src/desks/admin/schedules/coming-runs.ts'
import { readNextRuns } from '../../../../src/desks/admin/schedules/next-runs.ts'
import { schedulesWithin } from '../../../../src/desks/admin/schedules/schedules-within.ts'
import { setSettings } from '../../../../src/desks/admin/settings/change-settings.ts'
import { importSettings } from '../../../../src/desks/admin/settings/import-settings.ts'
import { NOW } from '../../../embedded/clock.ts'
import { editorFor } from '../../../embedded/editors.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const OWN = ['example.com']
const ALICE = 'alice@example.com'
/** Named after a reader of another domain, and used by nobody in this one. */
const FOREIGN = 'bob-secret-example-org'
const SEEN = ['daily', 'everybodys', 'offered', 'of-alice', 'of-example-com'].sort()

test('an admin of some domains sees the schedules that concern these domains', async () => {
  const { state } = await world()
  const names = async (reach?: readonly string[]) =>
    (await schedulesWithin(state, reach)).map(({ name }) => name)
  expect(await names()).toEqual([...SEEN, FOREIGN, 'unused'].sort())
  expect(await names(OWN)).toEqual(SEEN)
  expect(await names(['example.org'])).toEqual([FOREIGN, 'daily', 'everybodys', 'offered'].sort())
  expect(await names([])).toEqual(['daily', 'everybodys', 'offered'])
})

test('the calendar and the coming runs list only these schedules, the coming runs only those that somebody has', async () => {
  const { deps, state } = await world()
  const inCalendar = await calendar(deps, OWN, 2)
  expect([...new Set(inCalendar.map(({ schedule }) => schedule))].sort()).toEqual(SEEN)
  const coming = await comingRuns(deps, OWN, 9)
  expect([...new Set(coming.map(({ schedule }) => schedule))].sort()).toEqual(
    SEEN.filter(name => name !== 'offered'),
  )
  expect(Object.keys(await readNextRuns(state, 'UTC', NOW, OWN)).sort()).toEqual(SEEN)
  const only = async (name: string) => Object.keys(await readNextRuns(state, 'UTC', NOW, OWN, name))
  expect(await only('daily')).toEqual(['daily'])
  expect(await only(FOREIGN)).toEqual([])
})

test('a schedule out of reach is refused in the same words as an unknown one', async () => {
  const { deps } = await world()
  const by = editorFor(OWN)
  const csv = async function* (name: string) {
    yield Buffer.from(`scope,schedules\n${ALICE},${name}\n`)
  }
  const refusals = async (name: string) =>
    Promise.all(
      [
        setSettings(deps, by, ALICE, { schedules: [name] }),
        importSettings(deps, by, csv(name), { skipBad: false, dryRun: false }),
        rehearseByHand(deps, by, { schedule: name, recipients: [ALICE] }, 1),
      ].map(work =>
        work.then(
          () => expect.unreachable('it was done'),
          (error: Error) => error.message.replaceAll(name, 'NAME'),
        ),
      ),
    )
  const unknown = await refusals('unheard-of')
  expect(unknown).toEqual(unknown.map(() => expect.stringContaining('no schedule')))
  expect(await refusals(FOREIGN)).toEqual(unknown)
})

async function world() {
  const { deps, state } = await embeddedProgram()
  const names = ['everybodys', 'of-alice', 'of-example-com', FOREIGN, 'unused'] as const
  await setSchedules(
    state,
    scheduleOf('daily', { isDefault: true }),
    scheduleOf('offered', { isOffered: true }),
    ...names.map(name => scheduleOf(name)),
  )
  await prefer(state, '@', { schedules: '["everybodys"]' })
  await prefer(state, '@example.com', { schedules: '["of-example-com"]' })
  await prefer(state, ALICE, { schedules: '["of-alice","daily"]' })
  await prefer(state, 'bob@example.org', { schedules: JSON.stringify([FOREIGN]) })
  return { deps: { ...deps, onDestinationChanged: async () => {} }, state }
}
