import { expect, test } from 'vitest'
import { HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { placeAnew } from '../../../src/work/collect/place-anew.ts'
import { compile } from '../../../src/work/digest/make/compile.ts'
import { run } from '../../../src/work/digest/make/run.ts'
import { deliver } from '../../../src/work/digest/send/deliver.ts'
import { settingsOf } from '../../../src/work/settings/read-settings.ts'
import { NOW } from '../../embedded/clock.ts'
import { type ChangingDirectory, changingDirectory, DIRECTORY_AWAY, off } from '../../embedded/directory.ts'
import { hold } from '../../embedded/held-mail.ts'
import { prefer } from '../../embedded/preferences.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

const SALES = 'sales@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'
const DAVE = 'dave@example.com'

test('after a change of the kind, what waits for an alias waits for the mailbox, and a mailed digest stays', async () => {
  const { program, deps, directory, readersWaiting } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: undefined, dueAt: NOW })
  await deliver(deps, { dueAt: NOW })
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - MINUTE })
  await collect(deps, NOW)
  expect(await readersWaiting()).toEqual([SALES])

  directory.readers = { [SALES]: [BOB] }
  const changed = { ...deps, placing: { source: 'ispconfig', every: HOUR } }
  expect(await placeAnew(changed)).toEqual({ added: 1, removed: 1 })
  expect(await readersWaiting()).toEqual([BOB])
  const items = await program.rows('digest_item')
  expect(items.filter(item => item.digest_id !== null)).toMatchObject([{ reader: SALES }])
  expect(await run(changed, { schedule: undefined, readers: undefined, dueAt: NOW })).toEqual({
    digests: 1,
    items: 1,
  })
  await deliver(changed, { dueAt: NOW })
  expect(program.mailer.attempts.map(({ to }) => to)).toEqual([SALES, BOB])
})

test('it is due after a while, at once after a change of the directory, and at no other time', async () => {
  const { program, deps } = await placing({})
  const NOTHING = { added: 0, removed: 0 }
  const other = { ...deps, placing: { source: 'other', every: HOUR } }
  expect(await placeAnew(deps)).toEqual(NOTHING)
  expect(await placeAnew(deps)).toBeUndefined()
  program.time.now += MINUTE
  expect(await placeAnew(other)).toEqual(NOTHING)
  expect(await placeAnew(other)).toBeUndefined()
  expect(await placeAnew(deps)).toEqual(NOTHING)
  program.time.now += HOUR
  expect(await placeAnew(deps)).toEqual(NOTHING)
  program.time.now -= 10 * HOUR
  expect(await placeAnew(deps)).toEqual(NOTHING)
})

test('one process does it at a time; if it dies, another one begins anew; if it is stopped, at once', async () => {
  const { program, deps, directory } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  const { promise: stuck, resolve } = Promise.withResolvers<void>()
  const waiting = { find: async (asked: readonly string[]) => stuck.then(() => directory.find(asked)) }
  const first = placeAnew({ ...deps, directory: waiting })
  await expect
    .poll(async () => (await program.rows('digest_watermark')).map(({ name }) => name))
    .toContain('placing-anew/addresses')
  expect(await placeAnew(deps)).toBeUndefined()
  program.time.now += 3 * MINUTE
  expect(await placeAnew(deps)).toEqual({ added: 0, removed: 0 })
  resolve()
  await first
  program.time.now += HOUR
  expect(await placeAnew(deps, AbortSignal.abort())).toEqual({ added: 0, removed: 0 })
  expect(await placeAnew(deps)).toEqual({ added: 0, removed: 0 })
})

test('a failure gives the turn back', async () => {
  const { program, deps, directory } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  directory.fault = DIRECTORY_AWAY
  await expect(placeAnew(deps)).rejects.toBe(DIRECTORY_AWAY)
  directory.fault = undefined
  expect(await placeAnew(deps)).toEqual({ added: 0, removed: 0 })
})

test('new readers of a message that waits get it, former ones lose it, and nobody is told twice', async () => {
  const { program, deps, directory, readersWaiting, later } = await placing({ [SALES]: [BOB, CAROL] })
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await run(deps, { schedule: undefined, readers: [BOB], dueAt: NOW })
  expect(await readersWaiting()).toEqual([CAROL])
  directory.readers = { [SALES]: [BOB, DAVE] }
  expect(await placeAnew(later())).toEqual({ added: 1, removed: 1 })
  expect(await readersWaiting()).toEqual([DAVE])
  expect(await placeAnew(later())).toEqual({ added: 0, removed: 0 })
})

test('two processes that hear different things do not lose a message by removing what the other one leaves', async () => {
  const { program, deps, readersWaiting } = await placing({ [SALES]: [BOB, CAROL] })
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  const hearing = (reader: string) => ({
    ...deps,
    directory: changingDirectory({ [SALES]: [reader] }),
    placing: { source: reader, every: HOUR },
  })
  await Promise.all([placeAnew(hearing(BOB)), placeAnew(hearing(CAROL))])
  expect(await readersWaiting()).toHaveLength(1)
})

test('what nobody reads waits under its own address, and goes to whoever reads it later', async () => {
  const { program, deps, directory, readersWaiting, later } = await placing({ [SALES]: [BOB] })
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  directory.readers = { [SALES]: [] }
  await placeAnew(later())
  expect(await readersWaiting()).toEqual([SALES])
  directory.readers = { [SALES]: [off(CAROL)] }
  await placeAnew(later())
  expect(await readersWaiting()).toEqual([CAROL])
})

test('a new reader has nothing to do with the digest that listed the message to the former one', async () => {
  const { program, deps, directory, later } = await placing({ [SALES]: [BOB] })
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  await program.state.sql.updateTable('digest_item').set({ listed_in: 'digest with copies' }).execute()
  directory.readers = { [SALES]: [CAROL] }
  await placeAnew(later())
  expect(await program.rows('digest_item')).toMatchObject([{ reader: CAROL, listed_in: null }])
})

test('a message about which there is no answer stays where it is', async () => {
  const { program, deps, readersWaiting, later } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  await placeAnew({ ...later(), directory: { find: async () => new Map() } })
  expect(await readersWaiting()).toEqual([SALES])
})

test('an item that is claimed meanwhile stays in its digest', async () => {
  const { program, deps, directory, later } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  const claiming = {
    async find(asked: readonly string[]) {
      await compile(deps, 'run', await settingsOf(program.state, [SALES], deps.standard), NOW)
      directory.readers = { [SALES]: [BOB] }
      return directory.find(asked)
    },
  }
  expect(await placeAnew({ ...later(), directory: claiming })).toEqual({ added: 1, removed: 0 })
  const items = await program.rows('digest_item')
  expect(items.map(({ reader, digest_id }) => [reader, digest_id !== null])).toEqual([
    [SALES, true],
    [BOB, false],
  ])
})

test('a directory that remembers is asked anew', async () => {
  const { program, deps, readersWaiting } = await placing({})
  await hold(program.storage, { recipient: SALES, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  await placeAnew({ ...deps, placing: { ...deps.placing, directory: changingDirectory({ [SALES]: [BOB] }) } })
  expect(await readersWaiting()).toEqual([BOB])
})

test('after a change of the directory, the log names the settings of addresses that are no readers', async () => {
  const { program, deps, directory } = await placing({})
  for (const scope of [SALES, BOB, CAROL, '@example.com', '@'])
    await prefer(program.state, scope, { language: 'de' })
  const { log, lines } = readableLog()
  await placeAnew({ ...deps, log })
  directory.readers = { [SALES]: [BOB, CAROL], [CAROL]: [off(CAROL)] }
  await placeAnew({ ...deps, log, placing: { source: 'other', every: HOUR } })
  expect(lines.map(line => JSON.parse(line))).toMatchObject([
    { settings: 1, first: [{ scope: SALES, readers: [BOB, CAROL] }] },
  ])
})

test('the log names them, too, if the directory is configured with the version that can', async () => {
  const { program, deps, directory } = await placing({ [SALES]: [BOB] })
  await prefer(program.state, SALES, { language: 'de' })
  const { log, lines } = readableLog()
  const later = { ...deps, directory, log }
  await placeAnew(later)
  expect(lines.map(line => JSON.parse(line))).toMatchObject([{ settings: 1, first: [{ scope: SALES }] }])
  program.time.now += deps.placing.every
  await placeAnew(later)
  expect(lines).toHaveLength(1)
})

test('many messages take few statements and questions', async () => {
  const { program, deps, directory, later } = await placing({})
  const recipients = Array.from({ length: 1000 }, (_, index) => `reader-${index}@example.com`)
  await hold(program.storage, ...recipients.map(recipient => ({ recipient, receivedAt: NOW - HOUR })))
  await collect(deps, NOW)
  const again = later()
  directory.asked.length = 0
  program.statements.length = 0
  await placeAnew(again)
  expect(directory.asked.map(asked => asked.length)).toEqual([1000])
  expect(program.statements.length).toBeLessThan(12)
})

async function placing(readers: ChangingDirectory['readers']) {
  const program = await embeddedProgram()
  const directory = changingDirectory(readers)
  const deps = { ...program.deps, directory }
  return {
    program,
    directory,
    deps,
    /** When it is due again. */
    later() {
      program.time.now += deps.placing.every
      return deps
    },
    async readersWaiting() {
      const items = await program.rows('digest_item')
      return items.filter(item => item.digest_id === null).map(item => item.reader)
    },
  }
}
