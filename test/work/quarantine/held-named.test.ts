import { expect, test } from 'vitest'
import { MINUTE } from '../../../src/ground/durations.ts'
import type { HeldListRequest } from '../../../src/work/quarantine/held-list.ts'
import { heldNamed } from '../../../src/work/quarantine/held-named.ts'
import { heldReaders } from '../../../src/work/quarantine/held-readers.ts'
import { listHeld } from '../../../src/work/quarantine/list/list-held.ts'
import { NOW } from '../../embedded/clock.ts'
import { directoryWith, off } from '../../embedded/directory.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { adminOf, signedIn } from '../../embedded/viewers.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@other.example'

test('a mail id names the recipients whom somebody may see, in every partition', async () => {
  const { named } = await withTwins()
  const both = [`3.twin.1 ${ALICE}`, `3.twin.2 ${BOB}`, `4.twin.1 ${ALICE}`]
  expect(await named(adminOf(), { mailId: 'twin' })).toEqual(both)
  expect(await named(adminOf(), { mailId: 'twin', partitionTag: 4 })).toEqual(both.slice(2))
  expect(await named(adminOf('other.example'), { mailId: 'twin' })).toEqual(both.slice(1, 2))
  expect(await named(signedIn(BOB), { mailId: 'twin' })).toEqual(both.slice(1, 2))
  expect(await named(adminOf('example.net'), { mailId: 'twin' })).toEqual([])
  for (const mailId of ['', 'other', "twin' or '1", 'x'.repeat(65), 'tw\0in'])
    expect(await named(adminOf(), { mailId })).toEqual([])
})

test('a recipient is named however it is spelt, and as it is spelt if that tells two apart', async () => {
  const { named, storage } = await withTwins()
  expect(await named(adminOf(), { mailId: 'twin', recipient: 'BOB@Other.Example' })).toEqual([
    `3.twin.2 ${BOB}`,
  ])
  expect(await named(adminOf(), { mailId: 'twin', recipient: 'carl@other.example' })).toEqual([])
  const cased = { mailId: 'cased', receivedAt: NOW }
  await hold(
    storage,
    { ...cased, recipient: ALICE },
    { ...cased, recipient: 'Alice@example.com', rseqnum: 2 },
  )
  const asWritten = { mailId: 'cased', recipient: 'Alice@example.com' }
  expect(await named(adminOf(), asWritten)).toEqual(['0.cased.2 Alice@example.com'])
  expect(await named(adminOf(), { ...asWritten, recipient: 'ALICE@example.com' })).toHaveLength(2)
})

test('the readers of recipients are those who get digests, as far as an admin reaches', async () => {
  const directory = directoryWith({ 'sales@example.com': [ALICE, BOB, off('carl@example.com')] })
  const readers = async (...domains: readonly string[]) =>
    Object.fromEntries(
      await heldReaders({ directory }, adminOf(...domains), ['Sales@example.com', 'nonsense']),
    )
  expect(await readers()).toEqual({ 'Sales@example.com': [ALICE, BOB] })
  expect(await readers('example.com')).toEqual({ 'Sales@example.com': [ALICE] })
})

test('a list for programs has a line for each recipient, also where a page ends within a message', async () => {
  const { deps } = await withTwins()
  const request: HeldListRequest = {
    search: { texts: [], kinds: [], states: [], scores: [], sizes: [] },
    order: 'date',
    direction: 'descending',
    limit: 2,
    lineFor: 'recipient',
  }
  const first = await listHeld(deps, adminOf(), request)
  const second = await listHeld(deps, adminOf(), { ...request, after: first.next })
  const refs = [first, second].map(({ messages }) =>
    messages.map(({ recipients }) => recipients.map(({ ref }) => ref)),
  )
  expect(refs).toEqual([[['4.twin.1'], ['3.twin.1']], [['3.twin.2']]])
  expect(second.next).toBeUndefined()
})

/** Two messages of one mail id, in two partitions. */
async function withTwins() {
  const program = await embeddedProgram()
  const { deps, storage } = program
  const older = { mailId: 'twin', partitionTag: 3, receivedAt: NOW - MINUTE }
  await hold(storage, { ...older, recipient: ALICE }, { ...older, recipient: BOB, rseqnum: 2 })
  await hold(storage, { mailId: 'twin', partitionTag: 4, recipient: ALICE, receivedAt: NOW })
  const named = async (
    ...[viewer, name]: [Parameters<typeof heldNamed>[1], Parameters<typeof heldNamed>[2]]
  ) => (await heldNamed(deps, viewer, name)).map(({ ref, recipient }) => `${ref} ${recipient}`)
  return { ...program, named }
}
