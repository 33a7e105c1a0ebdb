import { expect, test } from 'vitest'
import { readersWhoSignIn } from '../../../src/work/sign-in/readers.ts'
import { type ChangingDirectory, changingDirectory, DIRECTORY_AWAY, off } from '../../embedded/directory.ts'

const BOB = { kind: 'reader', address: 'bob@example.com', mailTo: 'bob@example.com' }

const DIRECTORY = {
  'sales@example.com': ['bob@example.com', 'ann@example.com'],
  'info@example.com': ['bob@example.com'],
  'ann@example.com': ['ann@example.com', 'bob@example.com'],
  'off@example.com': [off('off@example.com')],
  'nobody@example.com': [],
}

test('an address that two people read signs in neither, unless it is the mailbox of one of them', async () => {
  const readers = readersOn(changingDirectory(DIRECTORY))
  for (const address of ['info@example.com', ' Bob@EXAMPLE.com '])
    expect(await readers.find(address), address).toEqual(BOB)
  for (const address of [
    'sales@example.com',
    'ann@example.com',
    'off@example.com',
    'nobody@example.com',
    'x',
  ])
    expect(await readers.find(address), address).toBeUndefined()
  expect(await readers.vouchedFor(['sales@example.com'])).toBeUndefined()
  expect(await readers.vouchedFor(['ann@example.com'])).toMatchObject({ address: 'ann@example.com' })
  expect(await readers.vouchedFor(['info@example.com', 'BOB@example.com'])).toEqual(BOB)
  expect(await readers.vouchedFor(['bob@example.com', 'ann@example.com'])).toBeUndefined()
})

test('a reader whose mailbox is removed or switched off is a reader no more', async () => {
  const directory = changingDirectory(DIRECTORY)
  const readers = readersOn(directory)
  expect(await readers.still('bob@example.com')).toEqual(BOB)
  for (const answer of [[], [off('bob@example.com')], ['ann@example.com']]) {
    directory.readers = { 'bob@example.com': answer }
    expect(await readers.still('bob@example.com')).toBeUndefined()
  }
})

test('while the directory is away, nobody is told that they have no mailbox', async () => {
  const directory = changingDirectory(DIRECTORY)
  directory.fault = DIRECTORY_AWAY
  const readers = readersOn(directory, { remembered: changingDirectory(DIRECTORY) })
  expect(await readers.vouchedFor(['bob@example.com'])).toEqual(BOB)
  const forgetful = readersOn(directory, { remembered: { find: async () => new Map() } })
  for (const asked of [
    forgetful.find('bob@example.com'),
    forgetful.still('bob@example.com'),
    forgetful.vouchedFor(['bob@example.com']),
  ])
    await expect(asked).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
})

test('where each address reads its own mail, only known ones get a link; whom a server vouches for comes in', async () => {
  const readers = readersOn(changingDirectory(), { isKnownHere: async () => false })
  expect(await readers.find('bob@example.com')).toBeUndefined()
  expect(await readers.vouchedFor(['bob@example.com'])).toEqual(BOB)
  expect(await readers.still('bob@example.com')).toEqual(BOB)
})

function readersOn(directory: ChangingDirectory, more: Partial<Parameters<typeof readersWhoSignIn>[0]> = {}) {
  const remembered = more.remembered ?? directory
  // As the program's own: what is remembered serves while the directory is away.
  const fresh = { find: (asked: readonly string[]) => (directory.fault ? remembered : directory).find(asked) }
  return readersWhoSignIn({ live: directory, remembered, fresh, isKnownHere: async () => true, ...more })
}
