import { afterAll, beforeAll, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../../../src/composition/sign-ins-of.ts'
import { HOUR, SECOND } from '../../../../src/ground/durations.ts'
import { beginSession } from '../../../../src/ground/sign-in/sessions.ts'
import { heldIdOf } from '../../../../src/work/collect/item-id.ts'
import { type HeldMailSpec, hold, updateRecipient } from '../../../embedded/held-mail.ts'
import { amavisHead, quarantine } from '../../../embedded/quarantined.ts'
import { insert, releaseRow } from '../../../embedded/rows.ts'
import type { Answer, TestBrowser } from '../../../servers/test-browser.ts'
import { type ServedDesk, servedDesk } from '../admin/served-desk.ts'

const ALICE = 'alice@example.com'

let desk: ServedDesk
let reader: TestBrowser
let admin: TestBrowser
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  desk = await servedDesk({ policy: { oversized: 'request' } }, cleanUp => cleanUps.push(cleanUp))
  admin = await desk.signedIn()
  reader = desk.browser()
  const { state } = desk.database
  const limits = { state, clock: desk.time.clock, limits: SIGN_IN_LIMITS }
  const name = '__Host-amavis-digest-reader'
  const value = await beginSession(limits, { kind: 'reader', address: ALICE, mailTo: ALICE })
  reader.cookies.set(name, { name, value })
})

afterAll(async () => {
  for (const cleanUp of cleanUps.toReversed()) await cleanUp()
})

test('what was requested is for admins to decide on: readers are told so, and may delete it', async () => {
  await held('asked', { rs: 'p' })
  await held('risky', { rs: 'p', content: 'B' })
  for (const id of ['asked', 'risky']) {
    expect(buttonsOf(await reader.get(`/mail?q=id:${id}`))).toEqual(['delete'])
    const page = await reader.get(`/mail/0.${id}.1`)
    expect(page.text).toContain('An administrator is about to decide on this message.')
    expect(doneBy(page)).toEqual(['delete'])
    expect(doneBy(await admin.get(`/admin/held/0.${id}.1`))).toEqual(['release', 'delete'])
  }
  expect(buttonsOf(await admin.get('/admin/held?q=id:asked'))).toEqual(['release', 'delete'])
  // A page that was open before it was requested.
  const stale = await reader.post('/mail/0.asked.1', { do: 'release', of: '0.asked.1' })
  expect(stale).toMatchObject({ status: 303, location: '/mail/0.asked.1#outcome' })
  const all = await reader.post('/mail/0.asked.1', { do: 'release', of: 'all' })
  expect(all).toMatchObject({ status: 303, location: '/mail/0.asked.1' })
  const ticked = await reader.post('/mail', { act: 'release', message: '0.asked.1' })
  await work()
  const outcome = (await reader.get(ticked.location ?? '')).text
  expect(outcome).toContain('An administrator has been asked')
  expect(outcome).not.toContain('too dangerous')
  expect((await reader.post('/mail/0.none.1', { do: 'delete', of: 'all' })).status).toBe(404)
})

test('a reader asks an admin from the list and the page of the message, is told so, and may still delete it', async () => {
  await held('wish', { content: 'O' })
  expect((await reader.get('/mail?q=id:wish')).text).toContain('Ask for it…')
  const before = await reader.get('/mail/0.wish.1')
  expect(before.text).toContain('You can’t release it yourself')
  expect(doneBy(before)).toEqual(['release', 'delete'])
  const asked = await reader.post('/mail/0.wish.1', { do: 'release', of: '0.wish.1', button: 'yes' })
  expect(asked).toMatchObject({ status: 303, location: '/mail/0.wish.1#outcome' })
  const page = await reader.get('/mail/0.wish.1')
  expect(page.text).toContain('Your administrator has been asked.')
  expect(page.text).toContain('You’ll get a mail with the answer.')
  expect(doneBy(page)).toEqual(['delete'])
  expect((await reader.get('/mail?q=id:wish is:requested')).text).toContain('Release requested')

  const seen = await admin.get('/admin/held/0.wish.1')
  expect(seen.text).toContain(`Asked for by ${ALICE} on `)
  const [link = ''] = /\/admin\/requests\/\w+/.exec(seen.text) ?? []
  expect((await admin.get(link)).status).toBe(200)
  expect(doneBy(seen)).toEqual(['release', 'delete'])

  await desk.app.requests.refuse(
    {
      as: 'admin',
      actor: { kind: 'admin', name: 'root', remoteAddress: null },
      reach: undefined,
      may: ['decide'],
    },
    link.split('/').at(-1) ?? '',
    { note: '<i>No</i>\u202E' },
  )
  const refused = await reader.get('/mail/0.wish.1')
  expect(refused.text).toContain('An administrator refused on ')
  expect(refused.text).toContain('<p dir="auto">&lt;i&gt;No&lt;/i&gt;</p>')
  expect(doneBy(refused)).toEqual(['delete'])
  expect((await reader.get('/mail?q=id:wish')).text).toContain('Refused by an administrator')
  expect((await reader.post('/mail/0.wish.1', { do: 'delete', of: '0.wish.1' })).status).toBe(303)
})

test('readers undo a deletion that nobody of us recorded, not an admin’s, and it is offered only then', async () => {
  const key = await held('undo')
  await updateRecipient(desk.database.storage, key, { rs: 'D' })
  const list = await reader.get('/mail?q=id:undo+is:deleted')
  expect(buttonsOf(list)).toEqual(['restore'])
  expect((await reader.post('/mail', { one: 'restore:0.undo.1' })).location).toContain('done=restored')
  await admin.get('/admin/held/0.undo.1')
  await admin.post('/admin/held/0.undo.1', { do: 'delete', of: '0.undo.1' })
  expect(buttonsOf(await reader.get('/mail?q=id:undo+is:deleted'))).toEqual([])
  const page = await reader.get('/mail/0.undo.1')
  expect(doneBy(page)).toEqual([])
  expect(page.text).toContain('Only an administrator can bring it back.')
  expect(page.text).not.toContain('you can undo this')
  const refused = await reader.post('/mail', { one: 'restore:0.undo.1' })
  expect(refused.location).toContain('done=not-restored')
  expect((await reader.get(refused.location ?? '')).text).toContain(
    'Only an administrator can bring it back.',
  )
  const refusedHere = await reader.post('/mail/0.undo.1', { do: 'restore', of: '0.undo.1' })
  expect(refusedHere.location).toContain('done=not-restored')
})

test('readers are told what the mail server answered, but no hosts; admins also who released it', async () => {
  const key = await held('freed', { rs: 'R' })
  const reply = '250 2.0.0 from MTA(smtp:[10.0.0.9]:10025): 250 2.0.0 Ok: queued as 4FgT'
  const by = { requested_by: ALICE, asked_by: 'root@example.org' }
  await insert(desk.database, 'digest_release', [releaseRow(heldIdOf(key), desk.time.now, { ...by, reply })])
  const page = await reader.get('/mail/0.freed.1')
  expect(page.text).toContain('The mail server took it (\u2068250 2.0.0\u2069).')
  expect(page.text).toContain('Released by an administrator')
  expect(page.text).not.toMatch(/10\.0\.0\.9|4FgT|root@/)
  for (const path of ['/admin/held/0.freed.1', '/admin/held?q=id:freed+is:released'])
    expect((await admin.get(path)).text).toContain(`Released by \u2068root@example.org\u2069`)
})

test('an admin is told which setting keeps a message from being released', async () => {
  await held('eicar', { content: 'V' })
  const page = await admin.get('/admin/held/0.eicar.1')
  expect(page.text).toContain('The setting \u2068policy.virus\u2069 is never')
  expect((await reader.get('/mail/0.eicar.1')).text).not.toContain('policy.virus')
})

test('Reply-To is shown only where it has another address than From', async () => {
  const shown = async (mailId: string, replyTo: string) => {
    const key = await held(mailId)
    const text = `From: Ann <ann@b.example>\nReply-To: ${replyTo}\nSubject: Hi\n\nHi\n`
    await quarantine(desk.database.storage, key, amavisHead(mailId, [ALICE]) + text)
    return (await reader.get(`/mail/0.${mailId}.1`)).text.includes(
      '<bdi>'.concat(replyTo.replace('<', '&lt;')),
    )
  }
  expect(await shown('same', 'ANN@b.example')).toBe(false)
  expect(await shown('other', 'bob@b.example')).toBe(true)
})

test('a long search that is not Latin is gone back to', async () => {
  await held('letter')
  const q = 'п'.repeat(700)
  const list = String(new URLSearchParams({ q, after: 'x'.repeat(6000) }))
  const page = await reader.get(`/mail/0.letter.1?${new URLSearchParams({ list })}`)
  const back =
    /class="crumb"><a href="([^"]+)"/.exec(page.text)?.[1] ?? /href="(\/mail\?q[^"]*)"/.exec(page.text)?.[1]
  const url = new URL((back ?? '').replaceAll('&#x3D;', '=').replaceAll('&amp;', '&'), 'http://own.invalid')
  expect(Object.fromEntries(url.searchParams)).toEqual({ q })
  expect((await reader.get(url.pathname + url.search)).status).toBe(200)
})

test('a time in a form that is none, or in the future, is now', async () => {
  for (const [index, at] of ['1e300', '-1e300', '0.5', 'x'].entries()) {
    await held(`time${index}`)
    await reader.get(`/mail/bulk?act=delete&q=id:time${index}`)
    const begun = await reader.post('/mail/bulk', { act: 'delete', q: `id:time${index} after:yesterday`, at })
    expect([at, begun.status]).toEqual([at, 303])
    await work()
  }
})

test('an address below /mail that is none is answered in the readers’ frame, or leads to the sign-in', async () => {
  const unknown = await reader.get('/mail/what/is/this')
  expect(unknown.status).toBe(404)
  expect(unknown.text).toContain('aria-label')
  expect(unknown.text).toContain('href="/mail/settings"')
  expect(unknown.text).not.toContain('digest again')
  expect(await desk.browser().get('/mail/what/is/this')).toMatchObject({
    status: 303,
    location: '/?back=%2Fmail%2Fwhat%2Fis%2Fthis',
  })
  expect((await admin.get('/admin/what/is/this')).text).toContain('href="/admin/held"')
})

async function held(mailId: string, more: Partial<HeldMailSpec> = {}) {
  const receivedAt = desk.time.clock() - HOUR
  const mail = { mailId, recipient: ALICE, receivedAt, ...more }
  const [key] = await hold(desk.database.storage, mail)
  if (!key) throw new Error('nothing is held')
  return { ...key, timeNum: Math.floor(receivedAt / SECOND) }
}

/** Does what `serve` does in the background. */
async function work(): Promise<void> {
  while (await desk.app.workOnBulks(new AbortController().signal));
}

/** What the buttons of the rows of a list do. */
const buttonsOf = ({ text }: Answer): readonly string[] =>
  Array.from(text.matchAll(/name="one" value="(\w+):/g), ([, act = '']) => act)

/** What the buttons of the page of a message do. */
const doneBy = ({ text }: Answer): readonly string[] =>
  Array.from(text.matchAll(/name="do" value="(\w+)"/g), ([, act = '']) => act)
