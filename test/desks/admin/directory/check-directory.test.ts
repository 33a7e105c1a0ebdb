import { expect, test } from 'vitest'
import { checkDirectory } from '../../../../src/desks/admin/directory/check-directory.ts'
import { checkJson } from '../../../../src/desks/admin/directory/directory-json.ts'
import type { Answer, Directory } from '../../../../src/ground/directory/directory.ts'
import { MINUTE } from '../../../../src/ground/durations.ts'
import { CodedError } from '../../../../src/ground/errors.ts'
import { collect } from '../../../../src/work/collect/collect.ts'
import { directoryWith } from '../../../embedded/directory.ts'
import { hold } from '../../../embedded/held-mail.ts'
import { prefer } from '../../../embedded/preferences.ts'
import { embeddedProgram } from '../../../embedded/program.ts'

const off = (address: string) => ({ address, isOff: true })

const DIRECTORY = directoryWith({
  'off@example.com': [off('off@example.com')],
  'both@example.com': [off('ann@example.com'), off('zoe@example.com')],
  'mixed@example.com': [off('ann@example.com'), 'bob@example.com'],
  'nobody@example.com': [],
  'sales@example.com': ['bob@example.com'],
})

test('the messages that nobody gets a digest about are counted once each, by reason, with addresses', async () => {
  const program = await embeddedProgram()
  const directory = withOutside(DIRECTORY, 'away@example.com')
  await hold(
    program.storage,
    ...[
      'off@example.com',
      'both@example.com',
      'mixed@example.com',
      'nobody@example.com',
      'nobody@example.com',
      'sales@example.com',
      'away@example.com',
    ].map(recipient => ({ recipient, receivedAt: program.time.now - MINUTE })),
  )
  await collect({ ...program.deps, directory }, program.time.now)
  const check = await checkDirectory(depsOf(program, directory))
  expect(check.answer).toEqual({ ok: true, took: 0 })
  expect(check.unread).toEqual({
    off: { messages: 2, addresses: ['both@example.com', 'off@example.com'] },
    outside: { messages: 1, addresses: ['away@example.com'] },
    nobody: { messages: 2, addresses: ['nobody@example.com'] },
    unanswered: { messages: 0, addresses: [] },
  })
})

test('settings of an address that does not read its own mail are named, with its readers', async () => {
  const program = await embeddedProgram()
  for (const scope of ['@', '@example.com', 'sales@example.com', 'bob@example.com', 'nobody@example.com'])
    await prefer(program.state, scope, { language: 'de' })
  expect((await checkDirectory(depsOf(program, DIRECTORY))).idleSettings).toEqual([
    { scope: 'nobody@example.com', readers: [] },
    { scope: 'sales@example.com', readers: ['bob@example.com'] },
  ])
})

test('a directory that is away is a finding, and the last known answers are still judged', async () => {
  const program = await embeddedProgram()
  await hold(program.storage, { recipient: 'nobody@example.com', receivedAt: program.time.now - MINUTE })
  await collect({ ...program.deps, directory: DIRECTORY }, program.time.now)
  const away: Directory = {
    find: () => Promise.reject(new CodedError('DIRECTORY_UNREACHABLE', 'Start it.')),
  }
  const check = await checkDirectory({ ...depsOf(program, DIRECTORY), liveDirectory: away })
  expect(checkJson(check)).toMatchObject({
    kind: 'sql',
    ok: false,
    problem: { code: 'DIRECTORY_UNREACHABLE', message: 'Start it.' },
    unread: { nobody: { messages: 1 } },
  })
  const knowsNothing = await checkDirectory({ ...depsOf(program, away), liveDirectory: away })
  expect(knowsNothing.unread.unanswered).toEqual({ messages: 1, addresses: ['nobody@example.com'] })
})

const depsOf = (program: Awaited<ReturnType<typeof embeddedProgram>>, directory: Directory) => ({
  ...program.deps,
  directory,
  liveDirectory: directory,
  rememberedAnswers: directory,
  directoryKind: 'sql',
})

/** As another directory, but one address leads elsewhere. */
const withOutside = (directory: Directory, address: string): Directory => ({
  async find(asked) {
    const outside: Answer = { readers: [], by: [{ is: 'outside', from: address, to: null, row: null }] }
    const answers = new Map(await directory.find(asked))
    return asked.includes(address) ? answers.set(address, outside) : answers
  },
})
