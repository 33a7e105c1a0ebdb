import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../../src/composition/sign-ins-of.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { beginSession } from '../../../../src/ground/sign-in/sessions.ts'
import { ROOT } from '../../../embedded/editors.ts'
import { hold, updateRecipient } from '../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../embedded/quarantined.ts'
import { quickFolder } from '../../../quick-folder.ts'
import { ADMIN, type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const ALICE = 'alice@example.com'
const KEY = { partitionTag: 0, mailId: 'watch', rseqnum: 1 }
const REF = '0.watch.1'
const MESSAGE = 'From: Sam <sam@sender.example.net>\nSubject: Watches\n\nBuy watches.\n'

const folder = mkdtempSync(join(quickFolder(), 'amavis-digest-learning-'))
const heard = join(folder, 'heard')
/** In the place of sa-learn: writes down how it was called, and what it was given. */
const command = join(folder, 'sa-learn')

let desk: ServedDesk
let releaseLink: string
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  writeFileSync(command, `#!/bin/sh\n{ echo "$@"; cat; } >> ${heard}\n`)
  chmodSync(command, 0o755)
  desk = await servedDesk({ learn: { kind: 'sa-learn', command } }, cleanUp => cleanUps.push(cleanUp))
  const { storage } = desk.database
  await hold(storage, { ...KEY, recipient: ALICE, receivedAt: desk.time.clock() - HOUR })
  await quarantine(storage, KEY, amavisHead(KEY.mailId, [ALICE]) + MESSAGE)
  const dueAt = desk.time.clock()
  await desk.app.collect()
  await desk.app.run({ schedule: undefined, readers: undefined, dueAt })
  await desk.app.deliver({ dueAt })
  const text = desk.mails().find(({ to }) => to === ALICE)?.text ?? ''
  releaseLink = /https?:\/\/[^/]+(\/release\/\S+)/.exec(text)?.[1] ?? ''
})

beforeEach(async () => {
  rmSync(heard, { force: true })
  await desk.database.state.sql.deleteFrom('digest_lesson').execute()
  await updateRecipient(desk.database.storage, KEY, { rs: 'R' })
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
  rmSync(folder, { recursive: true })
})

test('a reader says what an arrived message was, and takes it back', async () => {
  const reader = await asReader()
  expect((await reader.get(`/mail/${REF}`)).text).toMatch(/value="learn-not-spam".*\n.*value="learn-spam"/)
  expect((await reader.post(`/mail/${REF}`, { do: 'learn-not-spam' })).status).toBe(303)
  expect(lessons()).toBe(`--ham\n${MESSAGE}`)
  const after = await reader.get(`/mail/${REF}`)
  expect(after.text).not.toContain('value="learn-not-spam"')
  expect((await reader.post(`/mail/${REF}`, { do: 'learn-spam' })).status).toBe(303)
  expect(lessons()).toBe(`--ham\n${MESSAGE}--spam\n${MESSAGE}`)
})

test('the link to a message says so only by its button', async () => {
  const visitor = desk.browser()
  const page = await visitor.get(releaseLink)
  const [, action = ''] =
    /action="([^"]*\/held\/[^"]*)"[^>]*>(?:(?!<\/form>).)*learn-not-spam/s.exec(page.text) ?? []
  expect(action).toContain(REF)
  expect((await visitor.get(action)).text).toContain('value="learn-spam"')
  expect(lessons()).toBe('')
  expect((await visitor.post(action, { do: 'learn-spam', button: 'yes' })).status).toBe(303)
  expect(lessons()).toBe(`--spam\n${MESSAGE}`)
})

test('an admin and a program say so, too, and each is in the audit by name', async () => {
  const { sql } = desk.database.state
  await sql.deleteFrom('digest_audit').execute()
  const admin = await desk.signedIn()
  await admin.get(`/admin/held/${REF}`)
  expect((await admin.post(`/admin/held/${REF}`, { do: 'learn-not-spam' })).status).toBe(303)
  const made = await desk.app.apiKeys.make(ROOT.actor, {
    name: 'filter',
    scopes: ['held:release'],
    domains: undefined,
  })
  const say = (verdict: string) =>
    desk.browser().ask(`/api/v1/held/${REF}/learn?verdict=${verdict}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${made.text}` },
    })
  const answer = await say('spam')
  expect([answer.status, JSON.parse(answer.text)]).toMatchObject([200, { verdict: 'spam' }])
  expect((await say('nonsense')).status).toBe(400)
  expect(lessons()).toBe(`--ham\n${MESSAGE}--spam\n${MESSAGE}`)
  const said = await sql
    .selectFrom('digest_audit')
    .select(['actor_kind', 'actor', 'action', 'outcome'])
    .where('action', 'like', 'learn-%')
    .orderBy('action')
    .execute()
  expect(said).toMatchObject([
    { actor: ADMIN, action: 'learn-not-spam', outcome: 'taught' },
    { action: 'learn-spam', outcome: 'taught' },
  ])
})

test('what is held offers no lesson, nor does anything where nobody learns', async () => {
  const off = await desk.again({})
  const reader = await asReader(off)
  expect((await reader.get(`/mail/${REF}`)).text).not.toContain('learn-')
  expect((await reader.post(`/mail/${REF}`, { do: 'learn-spam' })).status).toBe(403)
  expect((await off.browser().get(releaseLink)).text).not.toContain('learn-')
  await updateRecipient(desk.database.storage, KEY, { rs: ' ' })
  const held = await asReader()
  expect((await held.get(`/mail/${REF}`)).text).not.toContain('learn-')
  expect((await held.post(`/mail/${REF}`, { do: 'learn-spam' })).status).toBe(403)
  expect(lessons()).toBe('')
})

const lessons = (): string => (existsSync(heard) ? readFileSync(heard, 'utf8') : '')

async function asReader(at = desk) {
  const browser = at.browser()
  const value = await beginSession(
    { state: desk.database.state, clock: desk.time.clock, limits: SIGN_IN_LIMITS },
    { kind: 'reader', address: ALICE, mailTo: ALICE },
  )
  const name = '__Host-amavis-digest-reader'
  browser.cookies.set(name, { name, value })
  return browser
}
