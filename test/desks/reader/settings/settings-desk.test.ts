import { describe, expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../../src/ground/durations.ts'
import type { SendAnswer } from '../../../../src/ground/mail/mailer.ts'
import type { PreferenceTable } from '../../../../src/ground/state/state-tables.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { sendNow } from '../../../../src/work/digest/send/send-now.ts'
import { NOW } from '../../../embedded/clock.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { ALICE, linkedReader } from './linked-reader.ts'

const FROM = '192.0.2.1'

describe('what a reader sees', () => {
  test('without settings, the administrator’s defaults apply, and the choices on offer are shown', async () => {
    const { own, token } = await linkedReader()
    const seen = await own.open(token)
    expect(seen).toMatchObject({
      reader: ALICE,
      language: 'en',
      timeZone: 'UTC',
      paused: false,
      isOff: false,
      nextAt: Date.UTC(2026, 2, 11, 6),
      destination: 'Alice@example.com',
      locked: ['deliverTo'],
      languages: { chosen: undefined, standard: 'en' },
      timeZones: { chosen: undefined, standard: 'UTC' },
    })
    expect(seen.schedule.chosen).toBeUndefined()
    expect(seen.schedule.standard.map(({ name }) => name)).toEqual(['daily'])
    expect(seen.schedule.offered.map(({ name }) => name)).toEqual(['mondays', 'weekdays'])
  })

  test('waiting mail is counted by kind, as long as the quarantine has it', async () => {
    const { own, token, holdMore, deps } = await linkedReader()
    await holdMore({}, {}, { content: 'B', receivedAt: NOW - HOUR }, { rs: 'R' })
    await collect(deps, NOW)
    expect((await own.open(token)).waiting).toEqual({
      total: 3,
      isAtLeast: false,
      kinds: [
        { kind: 'spam', count: 2 },
        { kind: 'banned', count: 1 },
      ],
      expiresAt: NOW - HOUR + 30 * DAY,
      onItsWay: 0,
      earlier: 1,
      isEarlierAtLeast: false,
    })
  })

  test('messages in a digest that is deferred or spread are shown as on their way', async () => {
    const { own, token, holdMore, deps, mailer } = await linkedReader()
    await holdMore({}, {})
    mailer.answer = () => ({ outcome: 'deferred', reply: '450 later' })
    expect((await own.sendNow(token, FROM)).preferences.waiting).toMatchObject({ total: 0, onItsWay: 2 })
    mailer.answer = () => ({ outcome: 'accepted', reply: '250' })
    await sendNow(deps, ALICE, ROOT)
    expect((await own.open(token)).waiting).toMatchObject({ total: 0, onItsWay: 0 })
  })

  test.each<[string, Partial<PreferenceTable>, readonly string[], number | undefined]>([
    [
      'several, which only an administrator can name',
      { schedules: '["daily","mondays"]' },
      ['daily', 'mondays'],
      6,
    ],
    ['one that is not offered', { schedules: '["daily"]' }, ['daily'], 6],
    ['one that is off', { schedules: '["resting"]' }, [], undefined],
  ])('a schedule that applies but cannot be chosen is shown as such: %s', async (_, row, kept, hour) => {
    const { own, token } = await linkedReader({
      [ALICE]: row,
      '@example.com': { schedules: '["weekdays"]' },
    })
    const { schedule, nextAt } = await own.open(token)
    expect(schedule.kept?.map(({ name }) => name)).toEqual(kept)
    expect(schedule.standard.map(({ name }) => name)).toEqual(['weekdays'])
    expect(nextAt).toBe(hour && Date.UTC(2026, 2, 11, hour))
  })

  test('the next digest of a paused reader comes after the pause, or never if the pause has no end', async () => {
    const { own, token, state } = await linkedReader({ [ALICE]: { paused_until: NOW + 7 * DAY } })
    expect(await own.open(token)).toMatchObject({
      paused: true,
      pausedUntil: NOW + 7 * DAY,
      nextAt: Date.UTC(2026, 2, 18, 6),
    })
    await state.sql.updateTable('digest_preference').set({ paused_until: FOREVER }).execute()
    expect(await own.open(token)).toMatchObject({ paused: true, pausedUntil: undefined, nextAt: undefined })
  })
})

describe('the form', () => {
  test('changes several settings at once, and clears choices', async () => {
    const { own, token, row } = await linkedReader()
    const choices = { schedule: 'weekdays', language: 'en', timeZone: 'America/New_York' }
    const { preferences, outcome } = await own.choose(token, choices, FROM)
    expect(outcome).toBe('changed')
    expect(preferences).toMatchObject({
      timeZone: 'America/New_York',
      // 7 o'clock in New York, where summer time has begun.
      nextAt: Date.UTC(2026, 2, 11, 11),
      schedule: { chosen: 'weekdays' },
      languages: { chosen: 'en' },
    })
    expect(await row()).toMatchObject({
      schedules: '["weekdays"]',
      language: 'en',
      time_zone: 'America/New_York',
    })
    await own.choose(token, { schedule: '', language: '', timeZone: '' }, FROM)
    expect(await row()).toBeUndefined()
  })

  test('saved as it was shown, turns no inherited value into a setting', async () => {
    const { own, token, rows } = await linkedReader({
      '@example.com': { schedules: '["mondays"]', language: 'en', time_zone: 'Europe/Paris' },
    })
    const { outcome } = await own.choose(token, { schedule: '', language: '', timeZone: '' }, FROM)
    expect(outcome).toBe('unchanged')
    expect((await rows('digest_preference')).map(({ scope }) => scope)).toEqual(['@example.com'])
    expect(await rows('digest_audit')).toEqual([])
  })

  test('saved as it was shown, keeps what an administrator has set for this reader', async () => {
    const { own, token, row } = await linkedReader({
      [ALICE]: { schedules: '["daily","mondays"]', time_zone: 'Asia/Calcutta', language: 'de-AT' },
    })
    const choices = { schedule: 'daily mondays', language: 'de-AT', timeZone: 'Asia/Calcutta' }
    expect(await own.choose(token, choices, FROM)).toMatchObject({ outcome: 'unchanged' })
    expect(await row()).toMatchObject({ schedules: '["daily","mondays"]', version: 1 })
  })

  test('clears a schedule that is off', async () => {
    const { own, token, row } = await linkedReader({ [ALICE]: { schedules: '["resting"]' } })
    expect(await own.choose(token, { schedule: '' }, FROM)).toMatchObject({ outcome: 'changed' })
    expect(await row()).toBeUndefined()
  })

  test('on a page opened long ago changes only the fields that were changed on it', async () => {
    const { own, token, row } = await linkedReader()
    const shown = { schedule: '', language: '', timeZone: '' }
    await own.choose(token, { ...shown, language: 'en', shown }, FROM)
    await own.choose(token, { ...shown, schedule: 'mondays', shown }, FROM)
    expect(await row()).toMatchObject({ language: 'en', schedules: '["mondays"]' })
    expect(await own.choose(token, { ...shown, shown }, FROM)).toMatchObject({ outcome: 'unchanged' })
    await own.choose(token, { ...shown, shown: { ...shown, language: 'en', schedule: 'mondays' } }, FROM)
    expect(await row()).toBeUndefined()
  })

  test.each([
    ['is not offered', 'daily'],
    ['is off', 'resting'],
    ['does not exist', 'nightly'],
    ['has an invalid name', '"><script>alert(1)</script>'],
    ['is a property of every object', '__proto__'],
  ])('changes nothing if the schedule %s', async (_, schedule) => {
    const { own, token, rows } = await linkedReader()
    const chosen = await own.choose(token, { timeZone: 'Europe/Paris', schedule }, FROM)
    expect(chosen.outcome).toBe('not-offered')
    expect(await rows('digest_preference')).toEqual([])
  })

  test.each([
    ['is not a language', { language: 'x'.repeat(5000) }],
    ['is a language without a translation', { language: 'tlh' }],
    ['tries to leave the folder of the languages', { language: '../../etc/passwd' }],
    ['is not a time zone', { timeZone: 'Europe/Atlantis' }],
    ['is an abbreviation instead of a time zone', { timeZone: 'BST' }],
    ['is an offset instead of a time zone', { timeZone: '+01:00' }],
    ['has a NUL', { timeZone: 'UTC\0' }],
    ['has SQL in it', { timeZone: "UTC'; DROP TABLE digest_preference; --" }],
  ])('refuses the whole form if a value %s', async (_, choice) => {
    const { own, token, rows } = await linkedReader()
    const choices = { timeZone: 'Europe/Paris', ...choice }
    await expect(own.choose(token, choices, FROM)).rejects.toMatchObject({ code: 'SETTING_INVALID' })
    expect(await rows('digest_preference')).toEqual([])
  })
})

describe('a locked setting', () => {
  test.each([
    ['schedules', { schedule: 'weekdays' }],
    ['schedules', { schedule: 'daily' }],
    ['language', { language: 'en' }],
    ['timeZone', { timeZone: 'Europe/Paris' }],
  ])('cannot be changed: %s: %o', async (field, choice) => {
    const { own, token, row } = await linkedReader({ '@': { locked: JSON.stringify([field]) } })
    await expect(own.choose(token, choice, FROM)).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
    expect(await row()).toBeUndefined()
  })

  test('cannot be changed if it is the pause', async () => {
    const { own, token, row } = await linkedReader({ '@': { locked: '["pause"]' } })
    for (const span of ['week', 'month', 'for-good', 'over'] as const) {
      await expect(own.pause(token, span, FROM)).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
    }
    expect(await row()).toBeUndefined()
  })

  test('includes digests that an administrator turned off: asking for one is refused', async () => {
    const { own, token, mailer } = await linkedReader({ '@example.com': { enabled: 0 } })
    expect(await own.open(token)).toMatchObject({ isOff: true, nextAt: undefined })
    await expect(own.sendNow(token, FROM)).rejects.toMatchObject({ code: 'SETTING_LOCKED' })
    expect(mailer.attempts).toEqual([])
  })
})

test.each([
  ['week', Date.UTC(2026, 2, 18), Date.UTC(2026, 2, 18)],
  ['month', Date.UTC(2026, 3, 10), Date.UTC(2026, 3, 10)],
  ['for-good', FOREVER, undefined],
] as const)(
  'a pause for a %s lasts as long as it says, and can be ended early',
  async (span, until, shown) => {
    const { own, token, row, rows } = await linkedReader()
    expect(await own.pause(token, span, FROM)).toMatchObject({ paused: true, pausedUntil: shown })
    expect(Number((await row())?.paused_until)).toBe(until)
    expect(await own.pause(token, 'over', FROM)).toMatchObject({ paused: false })
    expect((await rows('digest_audit')).map(row => [row.actor, row.action, row.remote_address])).toEqual([
      [ALICE, 'pause', FROM],
      [ALICE, 'resume', FROM],
    ])
  },
)

test.each([
  ['Asia/Tokyo', Date.UTC(2026, 2, 17, 15)],
  ['America/Los_Angeles', Date.UTC(2026, 2, 17, 7)],
])(
  'a pause ends at the start of its end date in %s, before the digest of that morning',
  async (zone, until) => {
    const { own, token } = await linkedReader({ [ALICE]: { time_zone: zone, schedules: '["weekdays"]' } })
    const { pausedUntil, nextAt = 0 } = await own.pause(token, 'week', FROM)
    expect(pausedUntil).toBe(until)
    expect(nextAt - until).toBe(7 * HOUR)
  },
)

test('a digest that is due when the pause ends is the next one', async () => {
  const { own, token, state } = await linkedReader()
  const midnight = { crons: '["0 0 * * *"]' }
  await state.sql.updateTable('digest_schedule').set(midnight).where('name', '=', 'daily').execute()
  const until = Date.UTC(2026, 2, 18)
  expect(await own.pause(token, 'week', FROM)).toMatchObject({ pausedUntil: until, nextAt: until })
})

test('a pause ends right after the jump if the clocks jump over the beginning of the day', async () => {
  const { own, token, time } = await linkedReader({ [ALICE]: { time_zone: 'Asia/Beirut' } })
  time.now = Date.UTC(2026, 2, 22, 8)
  expect(await own.pause(token, 'week', FROM)).toMatchObject({ pausedUntil: Date.UTC(2026, 2, 28, 22) })
})

test('a reader may end the domain’s pause for their own digests', async () => {
  const { own, token, bobsToken } = await linkedReader({ '@example.com': { paused_until: FOREVER } })
  expect(await own.open(token)).toMatchObject({ paused: true })
  expect(await own.pause(token, 'over', FROM)).toMatchObject({ paused: false })
  expect(await own.open(bobsToken)).toMatchObject({ paused: true })
})

describe('a link', () => {
  test('changes only the settings of its own reader', async () => {
    const { own, bobsToken, rows, state } = await linkedReader()
    await prefer(state, ALICE, { language: 'en' })
    await own.pause(bobsToken, 'for-good', FROM)
    await own.choose(bobsToken, { timeZone: 'Europe/Paris' }, FROM)
    const settings = await rows('digest_preference')
    expect(settings.map(({ scope, time_zone }) => [scope, time_zone])).toEqual([
      [ALICE, null],
      ['bob@example.com', 'Europe/Paris'],
    ])
  })

  test('for another purpose does not open the settings', async () => {
    const { own, deps, rows } = await linkedReader()
    const [digest] = await rows('digest_digest')
    const [item] = await rows('digest_item')
    const links = deps.urls.ofDigest(
      { digestId: digest?.digest_id ?? '', reader: digest?.reader ?? '', createdAt: NOW },
      NOW,
    )
    const linked = {
      itemId: item?.item_id ?? '',
      recipient: item?.recipient ?? '',
      reader: item?.reader ?? '',
    }
    const urls = [
      links.digest,
      deps.urls.release({ ...linked, mailAt: NOW, kind: 'spam' }, NOW, NOW).url,
      deps.urls.destination({ requestId: digest?.digest_id ?? '', reader: ALICE, expiresAt: NOW + DAY }, NOW),
    ]
    for (const url of urls) {
      const token = new URL(url).pathname.split('/').at(-1) ?? ''
      await expect(own.open(token)).rejects.toMatchObject({ code: 'LINK_FORGED' })
      await expect(own.pause(token, 'over', FROM)).rejects.toMatchObject({ code: 'LINK_FORGED' })
    }
    expect(await rows('digest_preference')).toEqual([])
  })
})

describe('a digest that a reader asks for', () => {
  test('comes at once, even while digests are paused', async () => {
    const { own, token, holdMore, mailer, rows } = await linkedReader({ [ALICE]: { paused_until: FOREVER } })
    await holdMore({})
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
    expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE])
    expect(mailer.attempts[0]?.subject).toMatch(/^1 message held back \(\w+, \w+ \d+\)$/)
    expect(await rows('digest_audit')).toMatchObject([
      { actor: ALICE, actor_kind: 'reader', action: 'send-now', recipient: ALICE, outcome: 'sent' },
    ])
  })

  test('comes even if another was asked for while the clock was ahead', async () => {
    const { own, token, holdMore, time } = await linkedReader()
    time.now = NOW + 30 * DAY
    await own.sendNow(token, FROM)
    time.now = NOW
    await holdMore({})
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
  })

  test('can be asked for again after ten minutes, and the answer says when', async () => {
    const { own, token, holdMore, mailer, time } = await linkedReader()
    await holdMore({})
    await own.sendNow(token, FROM)
    await holdMore({ receivedAt: NOW })
    time.now = NOW + MINUTE
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'too-early', again: NOW + 10 * MINUTE })
    expect(mailer.attempts).toHaveLength(1)
    time.now = NOW + 10 * MINUTE
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
    expect(mailer.attempts).toHaveLength(2)
  })

  test('is not made when nothing waits', async () => {
    const { own, token, mailer } = await linkedReader()
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'nothing-waits' })
    expect(mailer.attempts).toEqual([])
  })

  test('is on its way while the SMTP server is busy, and no second one is made', async () => {
    const { own, token, holdMore, mailer, rows, time } = await linkedReader()
    mailer.answer = () => ({ outcome: 'deferred', reply: '451 later' })
    await holdMore({})
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'queued' })
    time.now = NOW + 10 * MINUTE
    mailer.answer = () => ({ outcome: 'unreachable', reply: 'ECONNREFUSED' })
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'queued' })
    expect((await rows('digest_digest')).filter(({ state }) => state === 'pending')).toHaveLength(1)
  })

  test('counts as on its way when the SMTP server does not answer in time', async () => {
    const { deps, holdMore, mailer, rows } = await linkedReader()
    const silence = Promise.withResolvers<SendAnswer>()
    mailer.answer = () => silence.promise
    await holdMore({})
    expect(await sendNow(deps, ALICE, ROOT, 20)).toEqual({ digests: 1, sent: 0, outcome: 'queued' })
    silence.resolve({ outcome: 'accepted', reply: '250 after all' })
    await expect
      .poll(async () => (await rows('digest_digest')).filter(({ state }) => state === 'pending'))
      .toEqual([])
  })

  test('cannot be asked for more often even if none was made: one audit row, and no run', async () => {
    const { own, token, rows, time, holdMore } = await linkedReader()
    const runs = (await rows('digest_run')).length
    for (const _ of [1, 2, 3]) {
      await Promise.all([1, 2, 3].map(() => own.sendNow(token, FROM)))
      time.now += MINUTE
    }
    expect(await rows('digest_audit')).toMatchObject([{ action: 'send-now', outcome: 'nothing-waits' }])
    expect(await rows('digest_run')).toHaveLength(runs)
    await holdMore({ receivedAt: NOW })
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'too-early', again: NOW + 10 * MINUTE })
    time.now = NOW + 10 * MINUTE
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
  })

  test('does not depend on digests that an admin or another reader asked for', async () => {
    const { own, token, bobsToken, deps, holdMore } = await linkedReader()
    expect(await sendNow(deps, ALICE, ROOT)).toMatchObject({ outcome: 'nothing-waits' })
    expect(await sendNow(deps, ALICE, ROOT)).toMatchObject({ outcome: 'nothing-waits' })
    await own.sendNow(bobsToken, FROM)
    await holdMore({ receivedAt: NOW })
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
  })

  test('is sent at once if it was already made by a spread run', async () => {
    const { own, token, holdMore, deps, state, mailer, rows } = await linkedReader()
    await state.sql.updateTable('digest_schedule').set({ spread: HOUR }).execute()
    await holdMore({})
    await run(deps, { schedule: 'daily', readers: undefined, dueAt: NOW, byClock: true })
    const [made] = (await rows('digest_digest')).filter(row => row.state === 'pending')
    expect(made?.next_attempt_at).toBeGreaterThan(NOW)
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'sent' })
    expect(mailer.attempts.map(({ to }) => to)).toEqual([ALICE])
  })

  test('is reported as refused if the SMTP server refuses it', async () => {
    const { own, token, holdMore, mailer } = await linkedReader()
    mailer.answer = () => ({ outcome: 'refused', reply: '550 no such user' })
    await holdMore({})
    expect((await own.sendNow(token, FROM)).asked).toEqual({ outcome: 'refused' })
  })

  test('is sent once when the button is pressed twice', async () => {
    const { own, token, holdMore, mailer } = await linkedReader()
    await holdMore({})
    const asked = await Promise.all([own.sendNow(token, FROM), own.sendNow(token, FROM)])
    expect(mailer.attempts).toHaveLength(1)
    expect(asked.map(({ asked: { outcome } }) => outcome)).toContain('sent')
  })
})
