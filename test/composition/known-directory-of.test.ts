import { expect, test } from 'vitest'
import { knownDirectoryOf, sourceOf } from '../../src/composition/known-directory-of.ts'
import { type Config, configSchema } from '../../src/ground/config/schema.ts'
import { QuestionRefused } from '../../src/ground/directory/database-answer.ts'
import { DAY } from '../../src/ground/durations.ts'
import { changingDirectory, DIRECTORY_AWAY, directoryWith } from '../embedded/directory.ts'
import { embeddedProgram } from '../embedded/program.ts'

const BOB = 'bob@example.com'
const ISPCONFIG = { kind: 'ispconfig', url: 'mysql://digest:secret@db.example.com/dbispconfig' }

test('the part of a directory that is away says so, and that it is back', async () => {
  const { state, time, deps } = await embeddedProgram()
  const directory = changingDirectory()
  const known = knownDirectoryOf(configWith(ISPCONFIG), {
    directory,
    state,
    clock: time.clock,
    log: deps.log,
  })
  const stateOfPart = async () => (await known.watched[0]?.state())?.code
  directory.fault = DIRECTORY_AWAY
  expect(await stateOfPart()).toBe('DIRECTORY_UNREACHABLE')
  directory.fault = undefined
  expect((await known.directory.find([BOB])).size).toBe(1)
  expect(await stateOfPart()).toBeUndefined()
  directory.fault = new Error('a mistake')
  await known.placing.directory?.find([BOB])
  expect(await stateOfPart()).toBe('INTERNAL')
})

test('after the directory itself gave no answer, the last known one serves without another question', async () => {
  const { state, time, deps } = await embeddedProgram()
  const directory = changingDirectory()
  const known = knownDirectoryOf(configWith(ISPCONFIG), {
    directory,
    state,
    clock: time.clock,
    log: deps.log,
  })
  await known.directory.find([BOB])
  time.now += DAY
  directory.fault = DIRECTORY_AWAY
  await expect(known.live.find([BOB])).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
  expect((await known.directory.find([BOB, 'new@example.com'])).size).toBe(1)
  expect(directory.asked).toHaveLength(2)
})

test('an address about which the directory refuses questions holds up no other', async () => {
  const { state, time, deps } = await embeddedProgram()
  const odd = {
    async find(addresses: readonly string[]) {
      if (addresses.includes('odd@example.com')) throw new QuestionRefused('It is odd.')
      return directoryWith({}).find(addresses)
    },
  }
  const known = knownDirectoryOf(configWith(ISPCONFIG), {
    directory: odd,
    state,
    clock: time.clock,
    log: deps.log,
  })
  expect([...(await known.directory.find(['odd@example.com', BOB])).keys()]).toEqual([BOB])
  expect((await known.watched[0]?.state())?.code).toBeUndefined()
})

test('where each address reads its own mail, nothing is remembered and no part can be away', async () => {
  const { state, time, deps, rows } = await embeddedProgram()
  const directory = changingDirectory()
  const known = knownDirectoryOf(configWith({}), { directory, state, clock: time.clock, log: deps.log })
  await known.directory.find([BOB])
  expect(await rows('digest_answer')).toEqual([])
  expect(known.watched).toEqual([])
})

test('a directory is another one if it may answer otherwise, and the same with another password', () => {
  const same = [
    ISPCONFIG,
    { ...ISPCONFIG, refresh: '1m' },
    { ...ISPCONFIG, url: ISPCONFIG.url.replace('secret', 'x') },
  ]
  expect(new Set(same.map(directory => sourceOf(configWith(directory)))).size).toBe(1)
  const others = [
    ISPCONFIG,
    {},
    { kind: 'amavis' },
    { ...ISPCONFIG, url: ISPCONFIG.url.replace('db.', 'other.') },
    { ...ISPCONFIG, recipientDelimiter: '+' },
    { ...ISPCONFIG, servers: [1] },
    { ...ISPCONFIG, outsideReaders: ['@example.net'] },
  ]
  expect(new Set(others.map(directory => sourceOf(configWith(directory)))).size).toBe(others.length)
})

const configWith = (directory: object): Config =>
  configSchema.parse({
    publicUrl: 'https://quarantine.example.com',
    storage: { url: 'mysql://amavis:secret@127.0.0.1/amavis' },
    smtp: { url: 'smtp://127.0.0.1:10025', from: 'quarantine@example.com' },
    release: { via: 'tcp://127.0.0.1:9998' },
    links: { keyFile: '/tmp/keys' },
    directory,
  })
