import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { forgetUnplaced, rememberUnplaced, unplacedHours } from '../../../src/work/collect/unplaced.ts'
import { rememberAnswers } from '../../../src/work/known-answers/known-answers.ts'
import { NOW } from '../../embedded/clock.ts'
import { changingDirectory, DIRECTORY_AWAY } from '../../embedded/directory.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { readableLog } from '../../log-lines.ts'

const SALES = 'sales@example.com'
const BOB = 'bob@example.com'
const CAROL = 'carol@example.com'

test('a window that has not changed costs the directory no question', async () => {
  const { deps, storage, real } = await collecting()
  real.readers = { [SALES]: [BOB, CAROL] }
  await hold(
    storage,
    { recipient: SALES, receivedAt: NOW - MINUTE },
    { recipient: BOB, receivedAt: NOW - MINUTE },
  )
  expect(await collect({ ...deps, directory: real }, NOW)).toBe(3)
  expect(await collect({ ...deps, directory: real }, NOW + MINUTE)).toBe(0)
  expect(real.asked).toEqual([[SALES, BOB]])
})

test('mail about which there is no answer becomes no item; other mail does, and the log tells it', async () => {
  const { deps, storage, real, rows, lines } = await collecting()
  await hold(storage, { recipient: BOB, receivedAt: NOW - HOUR })
  await collect(deps, NOW)
  real.fault = DIRECTORY_AWAY
  await hold(
    storage,
    { recipient: BOB, receivedAt: NOW - MINUTE },
    { recipient: SALES, receivedAt: NOW - MINUTE },
    { recipient: 'no address', receivedAt: NOW - MINUTE },
  )
  expect(await collect(deps, NOW)).toBe(1)
  expect(await rows('digest_item')).toHaveLength(2)
  const warned = lines.map(line => JSON.parse(line)).filter(({ messages }) => messages !== undefined)
  expect(warned).toMatchObject([{ messages: 1, recipients: ['no address'] }, { messages: 1 }])
})

test('a message that waits for the directory is told once, though its hour overlaps the window', async () => {
  const { deps, storage, real, lines } = await collecting()
  await collect(deps, NOW)
  real.fault = DIRECTORY_AWAY
  await hold(storage, { recipient: SALES, receivedAt: NOW })
  for (const minute of [1, 2]) await collect(deps, NOW + minute * MINUTE)
  const told = lines.map(line => JSON.parse(line)).flatMap(({ messages }) => messages ?? [])
  expect(told).toEqual([1, 1])
})

test('however long the directory is away, nothing is lost, and each message is collected once', async () => {
  const { deps, storage, real, time, rows } = await collecting()
  await collect(deps, NOW)
  real.fault = DIRECTORY_AWAY
  const hours = 5 * 24
  for (let hour = 0; hour < hours; hour += 1) {
    const now = NOW + hour * HOUR
    await hold(storage, { recipient: SALES, receivedAt: now })
    time.now = now
    expect(await collect(deps, now)).toBe(0)
  }
  real.fault = undefined
  time.now += MINUTE
  expect(await collect(deps, time.now)).toBe(hours)
  expect(await collect(deps, time.now + MINUTE)).toBe(0)
  expect(await rows('digest_item')).toHaveLength(hours)
  expect((await rows('digest_watermark')).filter(({ name }) => name.startsWith('unplaced'))).toEqual([])
})

test('while the directory is away for days, each collecting looks at one earlier hour only', async () => {
  const { deps, storage, real, time, statements } = await collecting()
  await collect(deps, NOW)
  real.fault = DIRECTORY_AWAY
  for (let hour = 0; hour < 48; hour += 1) {
    time.now = NOW + hour * HOUR
    await hold(storage, { recipient: SALES, receivedAt: time.now })
    await collect(deps, time.now)
  }
  statements.length = 0
  await collect(deps, time.now + MINUTE)
  // Of messages without a time, of the overlap, and of one hour.
  expect(statements.filter(statement => statement.includes('"msgs"'))).toHaveLength(3)
})

test('a message that never gets an answer does not hold up those of other hours', async () => {
  const { deps, storage, real, time } = await collecting()
  const refusing = {
    async find(addresses: readonly string[]) {
      if (real.fault || addresses.includes('odd@example.com')) throw DIRECTORY_AWAY
      return real.find(addresses)
    },
  }
  const oddDeps = { ...deps, directory: deps.remember(refusing) }
  await collect(oddDeps, NOW)
  real.fault = DIRECTORY_AWAY
  await hold(storage, { recipient: 'odd@example.com', receivedAt: NOW + HOUR })
  await hold(storage, { recipient: SALES, receivedAt: NOW + 3 * HOUR })
  time.now = NOW + 6 * HOUR
  expect(await collect(oddDeps, time.now)).toBe(0)
  real.fault = undefined
  let added = 0
  for (let minute = 0; minute < 3; minute += 1) {
    time.now += MINUTE
    added += await collect(oddDeps, time.now)
  }
  expect(added).toBe(1)
})

test('an hour stays remembered if another process has found more mail in it meanwhile', async () => {
  const { state } = await collecting()
  await rememberUnplaced(state, [NOW / SECOND], NOW)
  const [seen] = await unplacedHours(state)
  if (!seen) throw new Error('the hour is not remembered')
  await rememberUnplaced(state, [NOW / SECOND], NOW + MINUTE)
  await forgetUnplaced(state, seen)
  const [again] = await unplacedHours(state)
  expect(again).toEqual({ ...seen, seenAt: NOW + MINUTE })
  await forgetUnplaced(state, again ?? seen)
  expect(await unplacedHours(state)).toEqual([])
})

test('the first window stays as it is, and so do messages without a time or with a time to come', async () => {
  const { deps, storage, real, time } = await collecting()
  real.fault = DIRECTORY_AWAY
  const at = (receivedAt: number) => hold(storage, { recipient: SALES, receivedAt })
  await at(NOW - DAY - 10 * MINUTE)
  await at(NOW - DAY + MINUTE)
  await at(0)
  await at(NOW + 10 * DAY)
  for (let minute = 0; minute < 3; minute += 1) expect(await collect(deps, NOW + minute * MINUTE)).toBe(0)
  real.fault = undefined
  time.now += 12 * DAY
  expect(await collect(deps, time.now)).toBe(3)
})

async function collecting() {
  const program = await embeddedProgram()
  const real = changingDirectory()
  const { log, lines } = readableLog()
  const remember = (directory: typeof program.deps.directory) =>
    rememberAnswers({
      directory,
      source: 'source',
      state: program.state,
      clock: program.time.clock,
      log,
    }).noOlderThan(5 * MINUTE)
  return { ...program, real, lines, deps: { ...program.deps, log, directory: remember(real), remember } }
}
