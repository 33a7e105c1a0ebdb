import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type HeldRow, heldRows } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { cleanMail, spamMail } from '../servers/samples.ts'
import { addRows } from './ispconfig-tables.ts'
import { type IspconfigWorld, startIspconfigWorld } from './ispconfig-world.ts'
import { hold, runJson } from './world.ts'

let world: IspconfigWorld

beforeAll(async () => {
  world = await startIspconfigWorld()
  await addRows(world.panel, 'spamfilter_users', [
    { email: '@example.com', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: '@alias.example', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: '@catch.example', priority: 5, policy_id: TRIGGER_HAPPY },
    { email: 'discarding@example.com', policy_id: NORMAL },
    { email: 'inheriting@example.com', policy_id: INHERIT },
    { email: '@plain.example', priority: 5, policy_id: INHERIT },
  ])
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

const INHERIT = 0
const NORMAL = 5
const TRIGGER_HAPPY = 6

test.each([
  ['an alias', 'sales@example.com'],
  ['an address of an alias domain', 'bob@alias.example'],
  ['an invented address of a catch-all', 'invented@catch.example'],
  ['a forward', 'team@example.com'],
  ['a mailbox with an extension', 'bob+list@example.com'],
  ['a mailbox that inherits its policy', 'inheriting@example.com'],
])('mail to %s is held under the address that it was sent to', async (_, address) => {
  const [held] = await hold(world, address)
  expect(held).toMatchObject({ email: address, is_local: 'Y', quar_type: 'Q', ds: 'D', content: 'S' })
})

test('a release goes to the address that the mail was sent to, whatever that leads to', async () => {
  const [held] = await hold(world, 'sales@example.com')
  await runJson(world.program)
  const released = await world.program.command('release', held.mail_id, '--recipient', 'sales@example.com')
  expect(released).toMatchObject({ status: 0 })
  expect(world.mta.mails.map(mail => mail.to)).toEqual([['sales@example.com']])
})

test('the policy Normal discards spam without a row and without a copy', async () => {
  await send('discarding@example.com', spamMail({ subject: 'Gone' }))
  // Both servers of amavisd have then finished what they had.
  await hold(world, 'bob@example.com', { subject: 'Kept' })
  expect(subjects(await heldRows(world.storage))).toEqual(['Kept'])
  expect(world.mta.mails).toEqual([])
})

test('beside a recipient whose policy keeps mail, it is kept for one whose policy discards it', async () => {
  await send(['discarding@example.com', 'bob@example.com'], spamMail({ subject: 'Both' }))
  await expect
    .poll(async () => (await heldRows(world.storage)).map(row => row.email).toSorted())
    .toEqual(['bob@example.com', 'discarding@example.com'])
})

test('without a policy for a domain amavisd takes it for a foreign one, and init lets collect take such mail', async () => {
  const [held] = await hold(world, 'carla@plain.example')
  expect(held.is_local).toBe('N')
  expect(await runJson(world.program, '--dry-run')).toMatchObject({ items: 0 })
  const proposed = await world.configure({ collect: world.proposed.collect })
  expect(await runJson(proposed)).toMatchObject({ items: 1 })
})

test('without a policy, spam is held only from 60 points on', async () => {
  const { panel } = world
  await panel.query(
    "INSERT INTO spamfilter_wblist (rid, email, wb) VALUES (0, 'sam@sender.example.net', 'B')",
  )
  await send('carla@plain.example', cleanMail({ subject: 'Blocked by a row that is not asked' }))
  await world.mta.waitFor(mail => mail.to.includes('carla@plain.example'))
  expect(await heldRows(world.storage)).toEqual([])
})

const send = (to: string | readonly string[], raw: string) =>
  inject(world.amavisd.smtpPort, { from: 'sam@sender.example.net', to: [to].flat() }, raw)

const subjects = (rows: readonly HeldRow[]) => rows.map(row => row.subject)
