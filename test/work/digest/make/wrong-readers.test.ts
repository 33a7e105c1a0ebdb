import { expect, test } from 'vitest'
import { preview } from '../../../../src/desks/admin/digests/preview.ts'
import { rehearseByHand, runByHand } from '../../../../src/desks/admin/digests/run-by-hand.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { rehearse } from '../../../../src/work/digest/make/rehearse.ts'
import { run } from '../../../../src/work/digest/make/run.ts'
import { sendNow } from '../../../../src/work/digest/send/send-now.ts'
import { NOW } from '../../../embedded/clock.ts'
import { type ChangingDirectory, changingDirectory, off } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { embeddedProgram, PUBLIC_URL } from '../../../embedded/program.ts'
import { scheduleOf, setSchedules } from '../../../embedded/schedules.ts'

const SALES = 'sales@example.com'
const INFO = 'info@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'
const ROOT = { actor: { kind: 'admin', name: 'root', remoteAddress: null }, reach: undefined } as const
const EVERYBODY = { schedule: undefined, readers: undefined, dueAt: NOW }
const NOTHING = { digests: 0, items: 0 }

test('a mailbox that is switched off gets no digest, and its messages wait until it is on again', async () => {
  const { deps, directory, program } = await making({ [BOB]: [off(BOB)] }, BOB, CAROL)
  expect(await rehearse(deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
  expect(await run(deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
  expect((await program.rows('digest_item')).filter(item => item.digest_id === null)).toMatchObject([
    { reader: BOB },
  ])
  expect(await preview(deps, undefined, BOB, PUBLIC_URL)).toBeUndefined()
  directory.readers = {}
  expect(await preview(deps, undefined, BOB, PUBLIC_URL)).toBeDefined()
  expect(await run(deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
})

test('an address that nobody reads gets no digest, nor does one whose mail is others’ by now', async () => {
  const { deps, directory } = await making({ [SALES]: [] }, SALES, INFO)
  await collect(deps, NOW)
  directory.readers = { [SALES]: [], [INFO]: [CAROL] }
  // Not yet placed anew.
  const placed = { ...deps, placing: { ...deps.placing, directory: silent } }
  expect(await rehearse(placed, EVERYBODY)).toEqual(NOTHING)
  expect(await run(placed, EVERYBODY)).toEqual(NOTHING)
})

test('without an answer, messages wait', async () => {
  const { deps } = await making({}, BOB)
  await collect(deps, NOW)
  expect(await run({ ...deps, directory: silent }, EVERYBODY)).toEqual(NOTHING)
  expect(await run(deps, EVERYBODY)).toEqual({ digests: 1, items: 1 })
})

test('messages that are not listed do not count as enough for a digest', async () => {
  const { deps, program, directory } = await making({ [SALES]: [BOB] }, BOB, SALES)
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, minMessages: 2 }))
  await collect(deps, NOW)
  directory.readers = { [SALES]: [CAROL] }
  const notPlaced = { ...deps, placing: { ...deps.placing, directory: silent } }
  expect(await run(notPlaced, { ...EVERYBODY, schedule: 'daily' })).toEqual(NOTHING)
})

test('only addresses that read their own mail are told that nothing was held', async () => {
  const { deps, program, directory } = await making({}, SALES, BOB, CAROL, INFO)
  await setSchedules(program.state, scheduleOf('daily', { isDefault: true, sendsEmpty: true }))
  await run(deps, EVERYBODY)
  await program.state.sql.updateTable('digest_digest').set({ state: 'sent' }).execute()
  directory.readers = { [SALES]: [BOB], [CAROL]: [off(CAROL)], [INFO]: [] }
  program.time.now += 2 * HOUR
  const daily = { ...EVERYBODY, schedule: 'daily', dueAt: program.time.now }
  expect(await rehearse(deps, daily)).toEqual({ digests: 1, items: 0 })
  expect(await run(deps, daily)).toEqual({ digests: 1, items: 0 })
  const empty = (await program.rows('digest_digest')).filter(digest => digest.item_count === 0)
  expect(empty).toMatchObject([{ reader: BOB }])
})

test('a run for a mailbox that is switched off says why nothing is made', async () => {
  const { deps } = await making({ [SALES]: [off(BOB)] }, SALES, CAROL)
  const wanted = { schedule: undefined, recipients: [SALES, CAROL] }
  const reason = `1 message waits for ${BOB}. The directory lets this address get no digests of them`
  expect(await rehearseByHand(deps, ROOT, wanted, 10)).toMatchObject({
    digests: 1,
    keptBack: [expect.stringContaining(reason)],
  })
  const made = await runByHand(deps, ROOT, wanted)
  expect(made).toMatchObject({ digests: 1, keptBack: [expect.stringContaining(reason)] })
})

test('whoever asks for the digest of a mailbox that is switched off is told so', async () => {
  const { program, deps, directory } = await making({ [BOB]: [off(BOB)] }, BOB)
  await expect(sendNow(deps, BOB, ROOT)).rejects.toMatchObject({
    code: 'SETTING_LOCKED',
    message: expect.stringContaining('switched off'),
  })
  await expect(sendNow({ ...deps, directory: silent }, BOB, ROOT)).rejects.toMatchObject({
    code: 'DIRECTORY_UNREACHABLE',
  })
  directory.readers = {}
  expect(await sendNow(deps, BOB, ROOT)).toMatchObject({ outcome: 'sent' })
  program.time.now += HOUR
  expect(await sendNow(deps, BOB, ROOT)).toMatchObject({ outcome: 'nothing-waits' })
})

/** A directory that is away and remembers nothing. */
const silent = { find: async () => new Map() }

async function making(readers: ChangingDirectory['readers'], ...recipients: readonly string[]) {
  const program = await embeddedProgram()
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  const directory = changingDirectory(readers)
  return { program, directory, deps: { ...program.deps, directory } }
}
