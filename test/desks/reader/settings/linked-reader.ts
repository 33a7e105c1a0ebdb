import { HOUR } from '../../../../src/ground/durations.ts'
import type { PreferenceTable } from '../../../../src/ground/state/state-tables.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type HeldMailSpec, hold } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'
import { settingsByLink } from '../by-link.ts'

export const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'

/** Alice and Bob, with the links of the digest that each got an hour ago. Readers may choose two of the schedules. */
export async function linkedReader(settings: Readonly<Record<string, Partial<PreferenceTable>>> = {}) {
  const program = await embeddedProgram()
  const { deps, state, storage, time } = program
  await setSchedules(
    state,
    scheduleOf('daily', { isDefault: true }),
    scheduleOf('weekdays', { crons: ['0 7,15 * * 1-5'], timeZone: 'reader', isOffered: true }),
    scheduleOf('mondays', { crons: ['0 7 * * 1'], isOffered: true }),
    scheduleOf('resting', { isOffered: true, enabled: false }),
  )
  time.now = NOW - HOUR
  await hold(
    storage,
    { recipient: 'Alice@example.com', receivedAt: NOW - 2 * HOUR },
    { recipient: BOB, receivedAt: NOW - 2 * HOUR },
  )
  await run(deps, { schedule: undefined, readers: undefined, dueAt: time.now })
  await state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  time.now = NOW
  for (const [scope, fields] of Object.entries(settings)) await prefer(state, scope, fields)

  const digests = await program.rows('digest_digest')
  const tokenOf = (reader: string) => {
    const digest = digests.find(row => row.reader === reader)
    if (!digest) throw new Error(`no digest for ${reader}`)
    const links = deps.urls.ofDigest({ digestId: digest.digest_id, reader, createdAt: NOW - HOUR }, NOW)
    return new URL(links.preferences).pathname.split('/').at(-1) ?? ''
  }
  return {
    ...program,
    own: settingsByLink(deps),
    token: tokenOf(ALICE),
    bobsToken: tokenOf(BOB),
    /** Holds more messages for Alice. */
    holdMore: (...specs: readonly Partial<HeldMailSpec>[]) =>
      hold(storage, ...specs.map(spec => ({ recipient: ALICE, receivedAt: NOW - HOUR / 2, ...spec }))),
    /** What is set for Alice alone. */
    row: async () => (await program.rows('digest_preference')).find(({ scope }) => scope === ALICE),
  }
}
