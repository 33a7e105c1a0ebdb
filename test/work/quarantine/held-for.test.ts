import { expect, test } from 'vitest'
import { heldRows } from '../../../src/ground/amavis/quarantine/held-rows.ts'
import type { CodedError } from '../../../src/ground/errors.ts'
import type { Viewer } from '../../../src/rules/reach/viewer.ts'
import { heldIdOf } from '../../../src/work/collect/item-id.ts'
import { heldFor } from '../../../src/work/quarantine/held-for.ts'
import { NOW } from '../../embedded/clock.ts'
import { changingDirectory, DIRECTORY_AWAY, directoryWith, off } from '../../embedded/directory.ts'
import { hold } from '../../embedded/held-mail.ts'
import { embeddedProgram } from '../../embedded/program.ts'
import { adminOf, byLink, signedIn } from '../../embedded/viewers.ts'

const ALICE = 'alice@example.com'
const BOB = 'bob@example.com'
const SALES = 'Sales@example.com'
const CARL = 'carl@other.example'

test('a reader sees the rows of addresses that the directory gives them, and nobody else’s', async () => {
  const { recipients } = await toThree()
  expect(await recipients(signedIn(ALICE))).toEqual([SALES])
  expect(await recipients(signedIn(BOB))).toEqual([SALES, 'BOB@example.com'])
  expect(await recipients(signedIn(CARL))).toEqual([CARL])
  expect(await recipients(signedIn('nobody@example.com'))).toBe('HELD_UNKNOWN')
})

test('a reference with a number gives that recipient only, and another one’s is as unknown as one that never was', async () => {
  const { refusal, recipients } = await toThree()
  expect(await recipients(signedIn(BOB), '.2')).toEqual(['BOB@example.com'])
  const theirs = await refusal(signedIn(BOB), '0.shared.3')
  const none = await refusal(signedIn(BOB), '0.notthere.3')
  expect(theirs.code).toBe('HELD_UNKNOWN')
  expect([theirs.code, theirs.message]).toEqual([none.code, none.message])
  for (const text of [
    '',
    'shared',
    '0.shared.3.1',
    "0.x' or '1",
    '99999999999.shared',
    '0.shared.4294967296',
  ])
    expect((await refusal(signedIn(BOB), text)).code).toBe('HELD_UNKNOWN')
})

test('two partitions with one mail id are two messages', async () => {
  const { deps, storage } = await embeddedProgram()
  await hold(storage, { recipient: ALICE, receivedAt: NOW, mailId: 'twin', partitionTag: 10 })
  await hold(storage, { recipient: BOB, receivedAt: NOW, mailId: 'twin', partitionTag: 11 })
  const seen = async (viewer: Viewer, ref: string) =>
    (await heldFor(deps, viewer, ref)).map(row => [row.partitionTag, row.recipient])
  expect(await seen(signedIn(ALICE), '10.twin')).toEqual([[10, ALICE]])
  expect(await seen(adminOf(), '11.twin')).toEqual([[11, BOB]])
  await expect(heldFor(deps, signedIn(ALICE), '11.twin')).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
})

test('a link shows what it names, and an admin of a domain the recipients there', async () => {
  const { deps, recipients, rows } = await toThree()
  const [sales] = rows
  expect(await recipients(byLink(ALICE, sales ? heldIdOf(sales) : ''))).toEqual([SALES])
  expect(await recipients(byLink(ALICE))).toBe('HELD_UNKNOWN')
  expect(await recipients(adminOf('other.example'))).toEqual([CARL])
  expect(await recipients(adminOf('third.example'))).toBe('HELD_UNKNOWN')
  expect(await recipients(adminOf())).toHaveLength(3)
  const reader = { ...adminOf(), may: ['read'] as const }
  await expect(heldFor(deps, reader, '0.shared', 'release')).rejects.toMatchObject({ code: 'OUT_OF_REACH' })
})

test('a reader whose mailbox was removed or switched off sees nothing any more', async () => {
  const { deps, storage } = await embeddedProgram()
  await hold(storage, { recipient: ALICE, receivedAt: NOW, mailId: 'mine' })
  const directory = changingDirectory()
  const look = () => heldFor({ ...deps, directory }, signedIn(ALICE), '0.mine')
  expect(await look()).toHaveLength(1)
  directory.readers = { [ALICE]: [] }
  await expect(look()).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
  directory.readers = { [ALICE]: [off(ALICE)] }
  await expect(look()).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
  directory.fault = DIRECTORY_AWAY
  await expect(look()).rejects.toMatchObject({ code: 'DIRECTORY_UNREACHABLE' })
})

test('what was delivered, was never quarantined or is marked in another tool’s own way is not there', async () => {
  const { deps, storage } = await embeddedProgram()
  const mail = { recipient: ALICE, receivedAt: NOW }
  await hold(storage, { ...mail, mailId: 'passed', ds: 'P' })
  await hold(storage, { ...mail, mailId: 'nowhere', quarType: ' ' })
  await hold(storage, { ...mail, mailId: 'learned', rs: 'S' })
  await hold(storage, { ...mail, mailId: 'working', messageContent: null })
  for (const id of ['passed', 'nowhere', 'learned', 'working'])
    await expect(heldFor(deps, adminOf(), `0.${id}`)).rejects.toMatchObject({ code: 'HELD_UNKNOWN' })
  for (const rs of ['V', 'v', 'R', 'p', 'D']) await hold(storage, { ...mail, mailId: `is-${rs}`, rs })
  for (const rs of ['V', 'v', 'R', 'p', 'D'])
    expect(await heldFor(deps, signedIn(ALICE), `0.is-${rs}.1`)).toMatchObject([{ rs }])
})

test('the rows are read by the primary keys', async () => {
  const { storage } = await embeddedProgram()
  const key = { partitionTag: 0, mailId: 'any', rseqnum: 1 }
  const { sql, parameters } = heldRows(storage.sql, key).compile()
  const plan = await storage.sql.executeQuery<{ detail: string }>({
    ...heldRows(storage.sql, key).compile(),
    sql: `explain query plan ${sql}`,
    parameters,
  })
  const details = plan.rows.map(({ detail }) => detail)
  expect(details.filter(detail => detail.startsWith('SCAN'))).toEqual([])
  expect(details.find(detail => detail.includes('msgrcpt'))).toMatch(
    /partition_tag=\? AND mail_id=\? AND rseqnum=\?/,
  )
  expect(details.find(detail => detail.includes(' msgs '))).toMatch(/partition_tag=\? AND mail_id=\?/)
})

/** One message to an address with two readers, to one of them, and to a reader elsewhere. */
async function toThree() {
  const program = await embeddedProgram()
  const mail = { receivedAt: NOW, mailId: 'shared' }
  for (const [index, recipient] of [SALES, 'BOB@example.com', CARL].entries())
    await hold(program.storage, { ...mail, recipient, rseqnum: index + 1 })
  const deps = { ...program.deps, directory: directoryWith({ 'sales@example.com': [ALICE, BOB] }) }
  const look = (viewer: Viewer, ref: string) => heldFor(deps, viewer, ref)
  const refusal = (viewer: Viewer, ref: string): Promise<CodedError> =>
    look(viewer, ref).then(
      () => expect.fail('nothing was refused'),
      error => error,
    )
  const recipients = (viewer: Viewer, number = '') =>
    look(viewer, `0.shared${number}`).then(
      rows => rows.map(row => row.recipient),
      (error: CodedError) => error.code,
    )
  return { deps, rows: await look(adminOf(), '0.shared'), refusal, recipients }
}
