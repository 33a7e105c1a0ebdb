import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import type { DigestPage, PageContext, PageView } from '../../../../src/doors/http/pages/page-view.ts'
import { loadPages } from '../../../../src/doors/http/pages/pages.ts'
import type { HeldMail } from '../../../../src/ground/amavis/held-mail.ts'
import { coloursOf } from '../../../../src/ground/brand/colours.ts'
import type { ErrorCode } from '../../../../src/ground/errors.ts'
import { loadLocales } from '../../../../src/ground/i18n/locales.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { LOCK_FIELDS } from '../../../../src/rules/settings/setting-fields.ts'
import { PREFERENCES } from './sample-preferences.ts'

const files = templateFiles()
const pages = loadPages(files, loadLocales(files))

const context: PageContext = {
  languages: ['en'],
  timeZone: 'Europe/Paris',
  now: Date.UTC(2026, 2, 10, 7),
  nonce: 'bm9uY2U=',
  contact: 'postmaster@example.com',
}

const mail: HeldMail = {
  partitionTag: 0,
  mailId: 'j_hWRAnY0bvs',
  rseqnum: 1,
  recipient: 'alice@example.com',
  content: 'S',
  kind: 'spam',
  because: { detail: 'unknown' },
  state: 'held',
  score: 7.24,
  sender: 'bounces@mailer.example',
  from: '"Garden Shop" <hello@garden.example>',
  subject: 'Your order 4711',
  size: 48_213,
  receivedAt: Date.UTC(2026, 2, 10, 6, 30),
  host: 'mx.example.com',
}

const releasableUntil = Date.UTC(2026, 2, 22)

const digest: DigestPage = {
  page: 'digest',
  reader: 'alice@example.com',
  createdAt: Date.UTC(2026, 2, 10, 6, 30),
  total: 4035,
  all: 4035,
  totals: { wanted: 3000, dangerous: 0, spam: 1035 },
  find: '',
  number: 2,
  pages: 41,
  showsScore: false,
  notice: undefined,
  place: '',
  pagePaths: { previous: '/q/digest/TOKEN', next: '/q/digest/TOKEN/3', all: '/q/digest/TOKEN' },
  entries: [
    {
      itemId: 'item-1',
      mail,
      group: 'wanted',
      offer: 'release',
      releasableUntil,
      releaseUrl: 'https://q.example.com/release/ONE',
    },
    {
      itemId: 'item-2',
      mail,
      group: 'wanted',
      offer: 'confirm',
      releasableUntil,
      releaseUrl: 'https://q.example.com/release/TWO',
    },
    {
      itemId: 'item-3',
      mail,
      group: 'wanted',
      offer: 'none',
      releasableUntil,
      releaseUrl: 'https://q.example.com/release/THREE',
    },
    {
      itemId: 'item-4',
      mail: { ...mail, state: 'released' },
      group: 'wanted',
      offer: 'none',
      releasableUntil,
      releaseUrl: 'https://q.example.com/release/FOUR',
    },
    {
      itemId: 'item-5',
      mail: undefined,
      group: undefined,
      offer: 'none',
      releasableUntil,
      releaseUrl: 'https://q.example.com/release/FIVE',
    },
  ],
}

const ONE_PAGE = { previous: undefined, next: undefined, all: '/q/digest/TOKEN' }

const views: readonly PageView[] = [
  { page: 'release', mail, releasesItself: true, releasableUntil },
  { page: 'release', mail, releasesItself: false, releasableUntil },
  { page: 'confirm', mail, releasableUntil },
  { page: 'released', mail, recipient: 'alice@example.com', already: false },
  { page: 'released', mail: undefined, recipient: 'alice@example.com', already: true },
  { page: 'queued', mail, recipient: 'alice@example.com' },
  { page: 'queued', mail: undefined, recipient: 'alice@example.com' },
  { page: 'release-failed', mail, code: 'AMAVISD_REFUSED', mayRetry: true },
  { page: 'release-failed', mail: undefined, code: 'MESSAGE_GONE', mayRetry: false },
  { page: 'release-failed', mail, code: 'RELEASE_UNCERTAIN', mayRetry: false },
  { page: 'release-failed', mail, code: 'POLICY_REFUSED', mayRetry: false },
  digest,
  { ...digest, number: 1, pages: 1, pagePaths: ONE_PAGE, entries: [] },
  { page: 'preferences', preferences: PREFERENCES, done: undefined },
  { page: 'preferences', preferences: { ...PREFERENCES, paused: true }, done: { is: 'paused' } },
  { page: 'preferences', preferences: { ...PREFERENCES, isOff: true, locked: LOCK_FIELDS }, done: undefined },
  {
    page: 'preferences',
    preferences: { ...PREFERENCES, locked: [] },
    done: { is: 'addressRefused', typed: '"><script>alert(1)</script>' },
  },
  ...(['open', 'done', 'over'] as const).map(status => ({
    page: 'destination' as const,
    reader: 'alice@example.com',
    deliverTo: 'bob@example.net',
    language: 'en',
    timeZone: 'UTC',
    status,
  })),
  { page: 'error', code: 'LINK_MALFORMED' },
]

test.each(views.map(view => [view.page, view] as const))(
  'the %s page follows the rules for all pages',
  (_, view) => {
    const html = pages.render(view, context)
    expect(html).toMatch(/^<!doctype html>\n<html lang="en" dir="ltr">/)
    expect(html).toMatch(/<title>[^<{]+ – Mail quarantine<\/title>/)
    expect(count(html, /<main\b/g)).toBe(1)
    expect(count(html, /<h1\b/g)).toBe(1)
    expect(html).toContain('<meta name="robots" content="noindex, nofollow">')
    expect(html).toContain('<meta name="referrer" content="no-referrer">')
    expect(html).toContain('<a href="mailto:postmaster@example.com">')
    expect(html).not.toContain('undefined')
  },
)

test.each(views.map(view => [view.page, view] as const))('the %s page passes the strict CSP', (_, view) => {
  const html = pages.render(view, context)
  const hasScript =
    (view.page === 'release' && view.releasesItself) || (view.page === 'digest' && view.entries.length > 0)
  expect(html.match(/<style[^>]*>/g)).toEqual(['<style nonce="bm9uY2U&#x3D;">'])
  expect(html.match(/<script[^>]*>/g)).toEqual(
    hasScript ? ['<script type="module" nonce="bm9uY2U&#x3D;">'] : null,
  )
  expect(withoutStyleAndScript(html)).not.toMatch(/\s(?:style|on[a-z]+)=/i)
  expect(html).not.toMatch(/\b(?:src|srcset|poster)=|@import|url\(/i)
})

test.each(views.map(view => [view.page, view] as const))(
  'each form of the %s page posts to its own URL',
  (_, view) => {
    const forms = pages.render(view, context).match(/<form[^>]*>/g) ?? []
    for (const form of forms) {
      // Finding something changes nothing, and begins on the first page.
      if (form.includes('method="get" action="/q/digest/TOKEN"')) continue
      expect(form).toContain('method="post"')
      expect(form).not.toContain('action')
    }
  },
)

test('the release page shows the message, why it is held, and how long it can be released', () => {
  const html = pages.render({ page: 'release', mail, releasesItself: false, releasableUntil }, context)
  for (const shown of [
    'Garden Shop',
    'hello@garden.example',
    'bounces@mailer.example',
    'Your order 4711',
    'Looks like spam (score 7.2)',
    'alice@example.com',
    'Tue, Mar 10, 7:30',
    '48 kB',
    'Sun, Mar 22, 1:00',
  ]) {
    expect(html).toContain(shown)
  }
  expect(buttons(html)).toEqual(['Release'])
  expect(hiddenFields(html)).toEqual([])
  const nextYear = { ...context, now: Date.UTC(2027, 0, 2) }
  const later = pages.render({ page: 'release', mail, releasesItself: false, releasableUntil }, nextYear)
  expect(later).toContain('Tue, Mar 10, 2026')
})

test('the envelope sender is left out if it equals the sender, and a bounce is explained', () => {
  const release = (sender: string) =>
    pages.render(
      { page: 'release', mail: { ...mail, sender }, releasesItself: false, releasableUntil },
      context,
    )
  expect(release('hello@garden.example')).not.toContain('Sent through')
  expect(release('')).toContain('Without a return address')
})

test('a name that claims another address gets a warning', () => {
  const html = pages.render(
    {
      page: 'release',
      mail: { ...mail, from: '"service@bank.example" <x@evil.example>' },
      releasesItself: false,
      releasableUntil,
    },
    context,
  )
  expect(html).toContain('the name shows an address that is not the sender’s')
})

test('the page that releases by itself says so, but not to browsers without scripts', () => {
  const html = pages.render({ page: 'release', mail, releasesItself: true, releasableUntil }, context)
  expect(html).toMatch(/<p class="note" id="note" hidden>/)
  expect(html).toContain('data-busy="Releasing…"')
  expect(buttons(html)).toEqual(['Release'])
})

test('the confirm page explains the risk of the kind and posts confirm=yes', () => {
  const confirm = (kind: HeldMail['kind']) =>
    pages.render({ page: 'confirm', mail: { ...mail, kind }, releasableUntil }, context)
  expect(hiddenFields(confirm('banned'))).toEqual(['confirm=yes'])
  expect(confirm('banned')).toContain('carries an attachment')
  expect(confirm('unchecked')).toContain('could not be checked')
  expect(confirm('virus')).toContain('A virus was found')
  expect(confirm('banned')).toContain('Close this page: nothing happens')
})

test('the warning shows the whole name of a file, also its ending', () => {
  const name = `invoice ${'x'.repeat(200)}.pdf.exe`
  const because = { detail: 'named', name } as const
  const html = pages.render(
    { page: 'confirm', mail: { ...mail, kind: 'banned', because }, releasableUntil },
    context,
  )
  expect(html).toContain(`Risky attachment: ${name}`)
})

test('the released page says where the message went, and whether an earlier click released it', () => {
  const released = (already: boolean) =>
    pages.render({ page: 'released', mail, recipient: 'alice@example.com', already }, context)
  expect(released(false)).toContain('On its way to your inbox')
  expect(released(false)).not.toContain('No second copy')
  expect(released(true)).toContain('Already released')
  expect(released(true)).not.toContain('On its way')
  expect(released(true)).toContain('No second copy was sent')
})

test('a failure that may be retried has a button; an uncertain one asks whether to send again', () => {
  const failed = (code: ErrorCode, mayRetry: boolean) =>
    pages.render({ page: 'release-failed', mail, code, mayRetry }, context)
  expect(hiddenFields(failed('AMAVISD_REFUSED', true))).toEqual(['confirm=yes'])
  expect(buttons(failed('AMAVISD_REFUSED', true))).toEqual(['Try again'])
  expect(buttons(failed('AMAVISD_REFUSED', false))).toEqual([])
  expect(hiddenFields(failed('RELEASE_UNCERTAIN', false))).toEqual(['again=yes', 'confirm=yes'])
})

test('the whole digest links the messages that are held, and shows the state of the others', () => {
  const html = pages.render(digest, context)
  expect(html).toContain('4,035 messages held back')
  expect(html).toContain('Page 2 of 41')
  expect(html.match(/href="https:[^"]*"/g)).toEqual([
    'href="https://q.example.com/release/ONE"',
    'href="https://q.example.com/release/TWO"',
  ])
  expect(html).toContain('Check first')
  expect(html).toContain('Released')
  expect(html).toContain('No longer in the quarantine')
  expect(html).toContain('Can’t be released here')
  expect(count(html, /rel="prev" href="\/q\/digest\/TOKEN"/g)).toBe(2)
  expect(count(html, /rel="next" href="\/q\/digest\/TOKEN\/3"/g)).toBe(2)
})

test('the whole digest says to which other address of its reader a message was sent', () => {
  const [first, ...others] = digest.entries
  const sentTo = (recipient: string) =>
    /sent to <bdi>([^<]*)</.exec(
      pages.render(
        { ...digest, entries: first ? [{ ...first, mail: { ...mail, recipient } }, ...others] : [] },
        context,
      ),
    )?.[1]
  expect(sentTo('sales+x@example.com')).toBe('sales+x@example.com')
  expect(sentTo('ALICE@example.com')).toBeUndefined()
})

test('a digest of one page has no page links', () => {
  const html = pages.render({ ...digest, number: 1, pages: 1 }, context)
  expect(html).not.toContain('<nav')
})

test('the preferences page says if more may be waiting than were counted', () => {
  const earlierOf = (isEarlierAtLeast: boolean) => {
    const waiting = { ...PREFERENCES.waiting, earlier: 500, isEarlierAtLeast }
    const preferences = { ...PREFERENCES, waiting }
    return /(?:At least )?500 messages/.exec(
      pages.render({ page: 'preferences', preferences, done: undefined }, context),
    )?.[0]
  }
  expect(earlierOf(false)).toBe('500 messages')
  expect(earlierOf(true)).toBe('At least 500 messages')
})

test('the preferences page offers to resume while digests are paused', () => {
  const preferences = (paused: boolean) =>
    pages.render({ page: 'preferences', preferences: { ...PREFERENCES, paused }, done: undefined }, context)
  expect(preferences(false)).not.toContain('name="resume"')
  expect(preferences(true)).toContain('name="resume" value="yes"')
  expect(preferences(true)).toContain('Nothing is lost')
})

test.each([
  'LINK_MALFORMED',
  'LINK_FORGED',
  'LINK_EXPIRED',
  'MESSAGE_GONE',
  'POLICY_REFUSED',
  'CONFIRMATION_REQUIRED',
  'TOO_MANY_REQUESTS',
  'PAGE_UNKNOWN',
  'METHOD_UNKNOWN',
  'BODY_UNREADABLE',
  'AMAVISD_UNREACHABLE',
  'AMAVISD_REFUSED',
  'RELEASE_UNCERTAIN',
  'DATABASE_UNREACHABLE',
  'INTERNAL',
] as const)('the error page of %s says what to do next, and shows the code once for the admin', code => {
  const html = pages.render({ page: 'error', code }, context)
  expect(html).toContain(`<code>${code}</code>`)
  expect(count(html, new RegExp(code, 'g'))).toBe(1)
  expect(count(html, /<p\b/g)).toBeGreaterThanOrEqual(4)
})

test('markup, templates and attributes in a message stay text', () => {
  const hostile = '"><script>alert(1)</script>{{constructor}}<mj-raw>\' onload=x'
  const html = pages.render(
    {
      page: 'release',
      mail: { ...mail, subject: hostile, from: hostile, sender: hostile, recipient: hostile },
      releasesItself: true,
      releasableUntil,
    },
    { ...context, contact: hostile },
  )
  expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;{{constructor}}&lt;mj-raw&gt;')
  expect(count(html, /<script/g)).toBe(1)
  expect(html).not.toContain('<mj-raw')
})

test('a message without sender, subject, score or sensible numbers still has a page', () => {
  const empty = {
    ...mail,
    from: '',
    sender: '',
    subject: '',
    score: null,
    size: Number.NaN,
    receivedAt: 9e15,
  }
  const html = pages.render(
    { page: 'release', mail: empty, releasesItself: false, releasableUntil: 9e15 },
    context,
  )
  expect(html).toContain('Unknown sender')
  expect(html).toContain('(no subject)')
  expect(html).not.toContain('score')
  expect(html).not.toContain('NaN')
})

test('no text of a message, however strange, breaks out of the page', () => {
  const strange = fc.string({ unit: 'binary', maxLength: 300 })
  const usual = new Set([...tagsOf(pages.render(digest, context))])
  fc.assert(
    fc.property(strange, strange, strange, (subject, from, sender) => {
      const html = pages.render(
        {
          ...digest,
          entries: digest.entries.map(entry => ({ ...entry, mail: { ...mail, subject, from, sender } })),
        },
        context,
      )
      expect(tagsOf(html)).toEqual(usual)
      // FSI and PDI are allowed: `say` isolates values with them.
      expect(html).not.toMatch(/[^\P{Cc}\n]|[\u061C\u200E\u200F\u202A-\u202E\u2066\u2067]/u)
    }),
    { numRuns: 100 },
  )
})

const tagsOf = (html: string) => new Set(html.match(/<[a-z0-9]+/g))

test('a page in a right-to-left language declares its direction', () => {
  const folder = temporaryTemplates({ 'locales/ar.json': JSON.stringify({ page: { name: 'الحجر' } }) })
  const own = templateFiles(folder)
  const html = loadPages(own, loadLocales(own)).render(
    { page: 'error', code: 'LINK_EXPIRED' },
    { ...context, languages: ['ar-EG', 'en'] },
  )
  expect(html).toContain('<html lang="ar" dir="rtl">')
  expect(html).toContain('الحجر')
})

test('an unknown language or time zone gives a page in English and UTC', () => {
  const html = pages.render(
    { page: 'release', mail, releasesItself: false, releasableUntil },
    { ...context, languages: ['tlh', '*', ''], timeZone: 'Moon/Base' },
  )
  expect(html).toContain('Tue, Mar 10, 6:30')
})

test('a page without a contact has no footer', () => {
  expect(pages.render({ page: 'error', code: 'INTERNAL' }, { ...context, contact: undefined })).not.toContain(
    '<footer',
  )
})

test('an admin may override one page by file', () => {
  const own = templateFiles(temporaryTemplates({ 'pages/error.html': '<p>{{problem.title}} ({{code}})</p>' }))
  const html = loadPages(own, loadLocales(own)).render({ page: 'error', code: 'LINK_EXPIRED' }, context)
  expect(html).toBe('<p>This link has expired (LINK_EXPIRED)</p>')
})

test.each(['{{#if}', '{{unknown-helper 1}}'])(
  'a template that does not compile is named at the start: %s',
  template => {
    const own = templateFiles(temporaryTemplates({ 'pages/error.html': template }))
    expect(() => loadPages(own, loadLocales(own))).toThrow(
      expect.objectContaining({
        code: 'TEMPLATE_INVALID',
        message: expect.stringContaining('pages/error.html'),
      }),
    )
  },
)

const count = (text: string, pattern: RegExp) => text.match(pattern)?.length ?? 0

const withoutStyleAndScript = (html: string) => html.replace(/<(style|script)[\s\S]*?<\/\1>/g, '')

const buttons = (html: string) =>
  [...html.matchAll(/<button[^>]*type="submit"[^>]*>([^<]*)<\/button>/g)].map(match => match[1])

const hiddenFields = (html: string) =>
  [...html.matchAll(/<input type="hidden" name="(\w+)" value="(\w+)">/g)].map(
    match => `${match[1]}=${match[2]}`,
  )

function temporaryTemplates(contents: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'amavis-digest-pages-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, text] of Object.entries(contents)) {
    mkdirSync(join(folder, dirname(name)), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  return folder
}

test('each page says whose it is, in its colours, and shows the phrase of its reader, all as text', () => {
  const name = '<i onclick=x>Example & "Ltd"'
  const content = Buffer.from('GIF89a\x01\x00\x01\x00', 'latin1')
  const logo = { type: 'image/gif', content, width: 40, height: 20 } as const
  const branded = loadPages(files, loadLocales(files), { name, colours: coloursOf('#0066cc'), logo })
  for (const view of [
    digest,
    { page: 'canary' },
    { page: 'release', mail, releasableUntil, releasesItself: false },
  ]) {
    const html = branded.render(view as PageView, { ...context, phrase: '</p><b>The blue teapot' })
    expect(html).toContain('&lt;i onclick&#x3D;x&gt;Example &amp; &quot;Ltd&quot;')
    expect(html).not.toMatch(/<i |<\/p><b>/)
    expect(html).toContain('--accent:#0066cc')
    expect(html).toContain('<img src="data:image/gif;base64,')
    expect(html).toContain('Your phrase: <bdi>&lt;/p&gt;&lt;b&gt;The blue teapot</bdi>')
    expect(html.match(/(?:href|action)="[^"]*teapot/g)).toBeNull()
  }
  expect(pages.render(digest, context)).not.toMatch(/<img|Your phrase/)
})

test('a reload of the answer to a form asks for the page, and does not send the form once more', () => {
  const askedAgain = (view: PageView) => pages.render(view, context).includes('history.replaceState(null')
  const entry = digest.entries[0]
  expect(askedAgain(digest)).toBe(false)
  expect(askedAgain({ ...digest, notice: 'nothing-ticked' })).toBe(true)
  const results = [{ entry, status: 'released', code: null }] as const
  expect(askedAgain({ page: 'digest-released', results, backPath: '/digest/sample' })).toBe(true)
})
