import { expect, test } from 'vitest'
import { runByHand } from '../../../../src/desks/admin/digests/run-by-hand.ts'
import { setOwnSettings } from '../../../../src/desks/reader/settings/own-settings.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { FOREVER } from '../../../../src/rules/settings/setting-fields.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { deliver } from '../../../../src/work/digest/send/deliver.ts'
import { NOW } from '../../../embedded/clock.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { editorFor, ROOT } from '../../../embedded/editors.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const [ALICE, BOB] = ['alice@example.com', 'bob@example.com'] as const

test('a run for named readers has an audit line for each of them, without what the others got', async () => {
  const { deps, rows, storage } = await embeddedProgram()
  await hold(storage, { recipient: 'alice@example.com', receivedAt: NOW - HOUR })
  const readers = ['alice@example.com', 'bob@example.com']
  const by = editorFor(['example.com'], 'a key')
  expect(await runByHand(deps, by, { schedule: undefined, recipients: readers })).toMatchObject({
    digests: 1,
  })
  const entry = { actor: 'a key', action: 'run', outcome: 'made' }
  expect(await rows('digest_audit')).toMatchObject([
    { ...entry, recipient: null, detail: '1 digests of 1 messages for 2 readers' },
    ...readers.map(recipient => ({ ...entry, recipient, detail: null })),
  ])
})

test('the audit line of a run for one reader tells what it made', async () => {
  const { deps, rows } = await embeddedProgram()
  await runByHand(deps, ROOT, { schedule: undefined, recipients: ['bob@example.com', 'bob@example.com'] })
  expect(await rows('digest_audit')).toMatchObject([
    { recipient: 'bob@example.com', detail: '0 digests of 0 messages for one reader' },
  ])
})

test('a run for named readers sends what a switched-off schedule had spread, unless they have paused', async () => {
  const { deps, state, storage, time, rows } = await embeddedProgram()
  const daily = scheduleOf('daily', { isDefault: true, spread: HOUR })
  await setSchedules(state, daily)
  const readers = [ALICE, BOB]
  for (const recipient of readers) await hold(storage, { recipient, receivedAt: NOW - HOUR })
  await run(deps, { schedule: 'daily', readers: undefined, byClock: true, dueAt: NOW })
  await setSchedules(state, { ...daily, enabled: false })
  await setOwnSettings(deps, BOB, { pausedUntil: FOREVER }, null)
  await runByHand(deps, ROOT, { schedule: undefined, recipients: readers })
  expect(await deliver(deps, { dueAt: time.now, readers })).toMatchObject({ sent: 1 })
  const states = (await rows('digest_digest')).map(({ reader, state }) => [reader, state])
  expect(Object.fromEntries(states)).toEqual({ [ALICE]: 'sent', [BOB]: 'empty' })
})

test('a run for an alias is one for the reader whom the directory names, and says so', async () => {
  const { deps, rows, storage } = await embeddedProgram()
  const directory = directoryWith({ 'sales@example.org': [ALICE] })
  await hold(storage, { recipient: 'sales@example.org', receivedAt: NOW - HOUR })
  const wanted = { schedule: undefined, recipients: ['sales@example.org'] }
  const made = await runByHand({ ...deps, directory }, ROOT, wanted)
  expect(made).toMatchObject({ digests: 1, readers: [ALICE] })
  expect(await rows('digest_audit')).toMatchObject([{ action: 'run', recipient: ALICE }])
})

test('a run for all readers has one audit line', async () => {
  const { deps, rows } = await embeddedProgram()
  await runByHand(deps, ROOT, { schedule: undefined, recipients: undefined })
  expect(await rows('digest_audit')).toMatchObject([
    { action: 'run', recipient: null, detail: '0 digests of 0 messages for all readers' },
  ])
})
