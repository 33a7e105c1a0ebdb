import { expect, test } from 'vitest'
import type { Directory } from '../../../src/ground/directory/directory.ts'
import { HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { createScheduleCheck } from '../../../src/work/schedules/check-schedules.ts'
import { directoryZones, notingZones } from '../../../src/work/schedules/directory-zones.ts'
import { zonesInUse } from '../../../src/work/schedules/zones-in-use.ts'
import { withDirectory } from '../../../src/work/settings/standards.ts'
import { directoryWith } from '../../embedded/directory.ts'
import { hold } from '../../embedded/held-mail.ts'
import { prefer } from '../../embedded/preferences.ts'
import { embeddedProgram, LOCALES } from '../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../embedded/schedules.ts'

const MIDNIGHT = Date.UTC(2026, 5, 10)
const STANDARD = { language: 'en', timeZone: 'UTC' }

const IN_ZONES = directoryWith({
  'info@example.com': [{ address: 'ken@example.com', isOff: false, timeZone: 'asia/tokyo' }],
  'ken@example.com': [{ address: 'ken@example.com', isOff: false, timeZone: 'asia/tokyo' }],
  'odd@example.com': [{ address: 'odd@example.com', isOff: false, timeZone: 'Mars/Olympus' }],
})

test('a reader whose time zone only the directory knows gets the digest by that zone’s clock', async () => {
  const program = await embeddedProgram()
  await setSchedules(program.state, scheduleOf('own', { timeZone: 'reader', isDefault: true }))
  const directory = notingZones(IN_ZONES, program.deps)
  const deps = {
    ...program.deps,
    directory,
    standard: withDirectory(STANDARD, directory, LOCALES.languages),
  }
  const readersAt = async (now: number) => {
    program.time.now = now
    const before = (await program.rows('digest_digest')).length
    for (const due of await createScheduleCheck({ ...deps, grace: HOUR })())
      await run(deps, { ...due, readers: undefined, byClock: true })
    return (await program.rows('digest_digest')).slice(before).map(digest => digest.reader)
  }
  program.time.now = MIDNIGHT - 6 * HOUR
  await hold(
    program.storage,
    { recipient: 'info@example.com', receivedAt: MIDNIGHT - 7 * HOUR },
    { recipient: 'odd@example.com', receivedAt: MIDNIGHT - 7 * HOUR },
  )
  await collect(deps, program.time.now)
  expect(await readersAt(MIDNIGHT - 3 * HOUR + MINUTE)).toEqual(['ken@example.com'])
  expect(await readersAt(MIDNIGHT + 6 * HOUR)).toEqual(['odd@example.com'])
})

test('a zone counts since it was first seen, or set if that was earlier, and once', async () => {
  const { state, time } = await embeddedProgram()
  const seen: string[] = []
  const counted: Directory = {
    find: addresses => {
      seen.push(...addresses)
      return IN_ZONES.find(addresses)
    },
  }
  time.now = 5000
  const directory = notingZones(counted, { state, clock: time.clock })
  await directory.find(['ken@example.com', 'odd@example.com', 'plain@example.com'])
  time.now = 9000
  await directory.find(['ken@example.com'])
  await notingZones(counted, { state, clock: time.clock }).find(['info@example.com'])
  expect(seen).toHaveLength(5)
  expect(await directoryZones(state)).toEqual([{ timeZone: 'Asia/Tokyo', since: 5000 }])

  await prefer(state, 'eve@example.com', { time_zone: 'Asia/Tokyo', updated_at: 3000 })
  expect((await zonesInUse(state, 'UTC')).zones).toEqual([
    { timeZone: 'UTC', since: 0 },
    { timeZone: 'Asia/Tokyo', since: 3000 },
  ])
  expect((await zonesInUse(state, 'Asia/Tokyo')).zones).toEqual([{ timeZone: 'Asia/Tokyo', since: 0 }])
})
