import { expect, test } from 'vitest'
import { MESSAGE_HTML_POLICY } from '../../../../src/doors/http/quarantine/message-policy.ts'
import { HOUR } from '../../../../src/ground/durations.ts'
import { NOW } from '../../../embedded/clock.ts'
import { hold, recipientStatus } from '../../../embedded/held-mail.ts'
import { htmlMail } from '../../../embedded/quarantine.ts'
import { DEFERRED, RELEASED } from '../../../embedded/scripted-transport.ts'
import { ALICE, type MessageSpec, servedMessages } from './served-messages.ts'

const PLAIN = 'From: Sam <sam@sender.example.net>\nSubject: A message\n\nSee you <b>tomorrow</b>.\n'

test('a digest leads to what is in each message, and the message back to its place in the digest', async () => {
  const { get, digestPath, paths } = await served({ text: PLAIN, subject: 'Tomorrow' })
  const list = await get(`${digestPath}?find=tomorrow`)
  const inside = /href="([^"]+\/held\/[^"]+)"/.exec(list.text)?.[1]?.replaceAll('&#x3D;', '=')
  expect(inside).toBe(`${paths[0]}?list=find%3Dtomorrow`)
  const page = await get(inside ?? '')
  expect(page.status).toBe(200)
  expect(page.text).toContain('See you &lt;b&gt;tomorrow&lt;/b&gt;.')
  expect(page.text).toContain(`<a href="${digestPath}?find&#x3D;tomorrow">`)
  expect(page.text).not.toContain('secret@example.com')
})

test('the page of a message that a link is about leads inside, too', async () => {
  const { get, paths, deps, rows } = await served({ text: PLAIN })
  const [item] = await rows('digest_item')
  const release = deps.urls.release(
    { itemId: item?.item_id ?? '', recipient: ALICE, reader: ALICE, mailAt: NOW - HOUR, kind: 'spam' },
    NOW,
    NOW,
  )
  const path = new URL(release.url).pathname
  const ref = paths[0]?.split('/').at(-1)
  expect((await get(path)).text).toContain(`href="${path}/held/${ref}"`)
  const page = await get(`${path}/held/${ref}`)
  expect(page.text).toContain('See you')
  expect(page.text).toContain(`<a href="${path}">`)
})

test('what a link does not name is not there: another message, other recipients, something made up', async () => {
  const { get, post, digestPath, paths, storage } = await served({ text: PLAIN })
  const [later] = await hold(storage, { recipient: ALICE, receivedAt: NOW - 1 })
  const whole = paths[0]?.replace(/\.1$/, '') ?? ''
  const made = [
    `${digestPath}/held/0.${later?.mailId}.1`,
    whole,
    `${whole}.2`,
    `${digestPath}/held/x`,
    `${digestPath}/held/0.%2e%2e.1`,
  ]
  for (const path of made) {
    expect(await get(path), path).toMatchObject({ status: 404 })
    expect(await get(`${path}/html`), path).toMatchObject({ status: 404 })
    expect(await post(path, { do: 'delete', button: 'yes' }), path).toMatchObject({ status: 404 })
  }
  for (const path of ['source', 'file', 'attachment/0'])
    expect(await get(`${paths[0]}/${path}`)).toMatchObject({ status: 404 })
})

test("a message's HTML comes under its own policy, and only its page may frame it", async () => {
  const { get, paths } = await served({ text: htmlMail('<p>Hello</p><script>1</script>') })
  const html = await get(`${paths[0]}/html`)
  expect(html.text).toContain('<p>Hello</p>')
  expect(html.headers.get('content-security-policy')).toBe(MESSAGE_HTML_POLICY)
  expect(MESSAGE_HTML_POLICY).toBe(
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
  )
  expect(html.headers.get('x-frame-options')).toBe('SAMEORIGIN')
  expect(html.headers.get('x-content-type-options')).toBe('nosniff')
  expect(html.headers.get('cache-control')).toBe('no-store')
  expect(html.headers.get('referrer-policy')).toBe('no-referrer')
  const page = await get(paths[0] ?? '')
  expect(page.text).not.toContain('<iframe')
  expect(page.headers.get('content-security-policy')).not.toContain('frame-src')
  const framing = await get(`${paths[0]}?as=html`)
  expect(framing.text).toContain(`<iframe class="message-html" src="${paths[0]}/html" sandbox=""`)
  expect(framing.headers.get('content-security-policy')).toMatch(/;frame-src 'self'$/)
})

test('what asks for headers alone, or in advance, does not mark a message as read', async () => {
  const { origin, get, paths, keys, storage } = await served({ text: PLAIN })
  const url = origin + paths[0]
  await fetch(url, { method: 'HEAD' })
  for (const name of ['sec-purpose', 'purpose', 'x-moz'])
    await fetch(url, { headers: { [name]: 'prefetch' } })
  expect((await recipientStatus(storage, keys[0] as never)).trim()).toBe('')
  await get(paths[0] ?? '')
  expect(await recipientStatus(storage, keys[0] as never)).toBe('V')
})

test('opening a message marks it as read; its headers are shown as text, from the sender on', async () => {
  const { get, paths, keys, storage } = await served({ text: PLAIN })
  await get(paths[0] ?? '')
  expect(await recipientStatus(storage, keys[0] as never)).toBe('V')
  const headers = await get(`${paths[0]}/headers`)
  expect(headers.headers.get('content-type')).toBe('text/plain; charset=utf-8')
  expect(headers.text).toContain('Subject: A message')
  expect(headers.text).not.toContain('X-Envelope-To')
})

test('a release goes through; while it is queued, the page asks what has become of it', async () => {
  const { get, post, paths, transport } = await served({ text: PLAIN })
  const path = paths[0] ?? ''
  transport.answer = () => DEFERRED
  expect(await post(path, { do: 'release', button: 'yes' })).toMatchObject({ status: 303 })
  const page = await get(path)
  expect(page.text).toContain('Will be released soon')
  expect(page.text).toContain(`data-state="${path}/state"`)
  expect(page.headers.get('content-security-policy')).toMatch(/;connect-src 'self'$/)
  const ref = path.split('/').at(-1) ?? ''
  expect(JSON.parse((await get(`${path}/state`)).text)).toEqual({
    states: { [ref]: 'queued' },
    known: `${ref}=queued`,
  })
})

test('a message that was released says so, and cannot be deleted any more', async () => {
  const { get, post, paths, keys, storage, transport } = await served({ text: PLAIN })
  const path = paths[0] ?? ''
  transport.answer = () => RELEASED
  await post(path, { do: 'release', button: 'yes' })
  const page = await get(path)
  expect(page.text).toContain('>Released<')
  expect(page.text).not.toContain('value="delete"')
  await post(path, { do: 'delete', button: 'yes' })
  expect(await recipientStatus(storage, keys[0] as never)).toBe('R')
})

test('risky mail asks a second time, and says why', async () => {
  const { post, paths, transport } = await served({ text: PLAIN, content: 'B' })
  const path = paths[0] ?? ''
  transport.answer = () => RELEASED
  const asked = await post(path, { do: 'release', button: 'yes' })
  expect(asked).toMatchObject({ status: 403 })
  expect(asked.text).toContain('Release it anyway')
  expect(asked.text).toContain('often hides harmful programs')
  expect(transport.requests).toEqual([])
  expect(await post(path, { do: 'release', button: 'yes', confirm: 'yes' })).toMatchObject({ status: 303 })
  expect(transport.requests).toHaveLength(1)
})

test('a digest deletes a message, offers to undo that, and undoes it', async () => {
  const { get, post, digestPath, paths, keys, storage } = await served({ text: PLAIN })
  const path = paths[0] ?? ''
  const ref = path.split('/').at(-1)
  const deleted = await post(path, { do: 'delete', next: 'list', list: 'find=message', button: 'yes' })
  expect(deleted.headers.get('location')).toBe(`${digestPath}?find=message&deleted=${ref}`)
  expect(await recipientStatus(storage, keys[0] as never)).toBe('D')
  const list = await get(deleted.headers.get('location') ?? '')
  expect(list.text).toContain(`action="${path}"`)
  const undone = await post(path, { do: 'restore', next: 'list', button: 'yes' })
  expect(undone.headers.get('location')).toBe(digestPath)
  expect((await recipientStatus(storage, keys[0] as never)).trim()).toBe('')
})

test('where a machine reads the digests, only the button releases and deletes, and a look may be the machine’s', async () => {
  const { get, post, paths, keys, storage, state, digestId, rows, transport } = await served({ text: PLAIN })
  await state.sql
    .updateTable('digest_digest')
    .set({ canary_at: NOW })
    .where('digest_id', '=', digestId)
    .execute()
  for (const act of ['delete', 'release', 'restore']) {
    expect(await post(paths[0] ?? '', { do: act })).toMatchObject({ status: 403 })
  }
  await get(paths[0] ?? '')
  expect((await recipientStatus(storage, keys[0] as never)).trim()).toBe('')
  expect(transport.requests).toEqual([])
  expect(await rows('digest_audit')).toMatchObject([
    { action: 'delete', outcome: 'CONFIRMATION_REQUIRED' },
    { action: 'release', outcome: 'CONFIRMATION_REQUIRED' },
    { action: 'delete', outcome: 'CONFIRMATION_REQUIRED' },
  ])
  expect(await post(paths[0] ?? '', { do: 'delete', button: 'yes' })).toMatchObject({ status: 303 })
  expect(await recipientStatus(storage, keys[0] as never)).toBe('D')
})

test('a prefetch deletes nothing, and a link that leads elsewhere is not followed', async () => {
  const { post, paths, keys, storage, digestPath } = await served({ text: PLAIN })
  const path = paths[0] ?? ''
  await post(path, { do: 'delete', button: 'yes' }, { 'sec-purpose': 'prefetch' })
  expect((await recipientStatus(storage, keys[0] as never)).trim()).toMatch(/^V?$/)
  const away = await post(path, { do: 'delete', button: 'yes', next: 'list', list: 'page=//evil.example' })
  expect(away.status).toBe(404)
  const odd = await post(path, { do: 'restore', button: 'yes', next: 'list', list: 'find=//evil.example' })
  expect(odd.headers.get('location')).toBe(`${digestPath}?find=%2F%2Fevil.example`)
})

test('a message without text still shows its facts and its buttons', async () => {
  const { get, paths } = await served({}, { text: htmlMail(''), subject: '' })
  const page = await get(paths[0] ?? '')
  expect(page.text).toContain('no longer has all of this message')
  expect(page.text).toContain('value="release"')
  expect((await get(paths[1] ?? '')).text).toContain('(no subject)')
})

async function served(...specs: readonly MessageSpec[]) {
  const world = await servedMessages(specs)
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { accept: 'text/html', 'accept-language': 'en', ...init.headers }
    const response = await fetch(world.origin + path, { redirect: 'manual', ...init, headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return {
    ...world,
    get: (path: string) => ask(path),
    post: (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
      ask(path, { method: 'POST', body: new URLSearchParams(form), headers }),
  }
}
