import { expect, test } from 'vitest'
import { DAY, HOUR, MINUTE } from '../../../src/ground/durations.ts'
import { collect } from '../../../src/work/collect/collect.ts'
import { clockOfAmavisd } from '../../../src/work/doctor/clock-of-amavisd.ts'
import { storedTime } from '../../../src/work/doctor/send-test/stored-time.ts'
import { hold } from '../../embedded/held-mail.ts'
import { type EmbeddedProgram, embeddedProgram } from '../../embedded/program.ts'

/** Statuses and messages. @param change of what the program is configured with */
async function found({ deps, time }: EmbeddedProgram, change: Partial<EmbeddedProgram['deps']> = {}) {
  const findings = await clockOfAmavisd({ ...deps, ...change, clock: time.clock }).run(
    AbortSignal.timeout(10_000),
  )
  return findings.map(({ status, message }) => `${status}: ${message}`)
}

const FINE = [expect.stringMatching(/^ok: /)]
const RECIPIENT = { recipient: 'alice@example.com' }

/** A program that has collected for two hours. */
async function collecting(): Promise<EmbeddedProgram> {
  const program = await embeddedProgram()
  const { deps, storage, time } = program
  await hold(storage, { ...RECIPIENT, receivedAt: time.now - 20 * HOUR })
  await hold(storage, { ...RECIPIENT, receivedAt: time.now - 2 * DAY })
  await collect(deps, time.now)
  time.now += 2 * HOUR
  await hold(storage, { ...RECIPIENT, receivedAt: time.now - HOUR })
  await collect(deps, time.now)
  return program
}

test('an amavisd whose clock is behind is named, because collecting has passed by its mail', async () => {
  const program = await collecting()
  expect(await found(program)).toEqual(FINE)
  await hold(program.storage, { ...RECIPIENT, receivedAt: program.time.now - 40 * MINUTE })
  await program.storage.sql.updateTable('msgs').set({ host: 'mx2.example.com' }).execute()
  await collect(program.deps, program.time.now)
  expect(await found(program)).toEqual([
    expect.stringMatching(/^warn: mx2\.example\.com writes times more than 15m behind ours/),
  ])
})

test('one whose clock is behind by less than the windows overlap loses nothing, and is not named', async () => {
  const program = await collecting()
  await hold(program.storage, { ...RECIPIENT, receivedAt: program.time.now - 10 * MINUTE })
  await collect(program.deps, program.time.now)
  program.time.now += HOUR
  await collect(program.deps, program.time.now)
  expect(await found(program)).toEqual(FINE)
})

test('mail that is rightly in no digest tells nothing about clocks', async () => {
  const program = await collecting()
  const { storage, time, deps } = program
  const late = { ...RECIPIENT, receivedAt: time.now - 40 * MINUTE }
  await hold(storage, { ...late, content: 'V' })
  await hold(storage, { ...late, isLocal: 'N' })
  await hold(storage, { ...late, ds: 'P' })
  await hold(storage, { ...late, rs: 'D' })
  await hold(storage, { ...late, quarType: ' ' })
  expect(await found(program)).toEqual(FINE)
  // What was left out before the configuration was changed is not overlooked either.
  const all = { filter: { localOnly: false, excludedKinds: [] } }
  expect(await found(program, all)).toEqual(FINE)
  await collect({ ...deps, ...all }, time.now)
  expect(await found(program, all)).toEqual(FINE)
})

test('mail that no digest can list, or whose directory is away, is not overlooked', async () => {
  const program = await collecting()
  const { storage, time, deps } = program
  await hold(storage, { recipient: 'nobody', receivedAt: time.now - MINUTE })
  await collect(deps, time.now)
  await hold(storage, { ...RECIPIENT, receivedAt: time.now - MINUTE })
  await collect({ ...deps, directory: { find: async () => new Map() } }, time.now)
  time.now += HOUR
  await collect({ ...deps, directory: { find: async () => new Map() } }, time.now)
  expect(await found(program)).toEqual(FINE)
})

test('before the first collecting there is nothing to say', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, { ...RECIPIENT, receivedAt: program.time.now - 5 * HOUR })
  expect(await found(program)).toEqual(FINE)
})

test('the time of a test mail is compared with ours', () => {
  const sentAt = 1_800_000_000_000
  expect(storedTime(sentAt / 1000 + 60, sentAt)).toBeUndefined()
  expect(storedTime(sentAt / 1000 - 3600, sentAt)?.message).toMatch(/a time that is 1h behind ours/)
  expect(storedTime(sentAt / 1000 + 3600, sentAt)?.message).toMatch(/a time that is 1h in the future/)
})
