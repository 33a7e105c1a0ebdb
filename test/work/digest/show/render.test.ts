import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { loadLocales } from '../../../../src/ground/i18n/locales.ts'
import { encodedLength } from '../../../../src/ground/mail/encoded-length.ts'
import { loadDigestTemplate } from '../../../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { DEFAULT_LIMITS, renderDigest } from '../../../../src/work/digest/show/render.ts'
import type { DigestView } from '../../../../src/work/digest/show/view.ts'
import { entryOf, urlOf, viewOf } from './sample-digest.ts'

const files = templateFiles()
const template = await loadDigestTemplate(files)
const words = loadLocales(files).wordsFor('en')
const render = (view: DigestView, limits = DEFAULT_LIMITS) => renderDigest(template, words, view, limits)

const linksOf = (html: string) => [...html.matchAll(/href="([^"]*)"/g)].map(match => match[1])
const withoutHidden = (text: string) => text.replace(/[\u200C\u2060]/g, '')
const visibleText = (html: string) => withoutHidden(html.replace(/^.*<body/s, '<').replace(/<[^>]*>/g, '\n'))

describe('A digest', () => {
  const digest = render(viewOf([entryOf()]))

  test('says in both parts: for whom, how many, since when, why, how to change it, whom to ask', () => {
    for (const part of [visibleText(digest.html), digest.text]) {
      expect(part).toContain('1 message held back')
      expect(part).toContain('For anna@example.com, since Tue, Mar 10, 6:00 AM')
      expect(part).toContain('You get this mail because')
      expect(part).toContain('Change or pause these mails')
      expect(part).toContain('postmaster@example.com')
    }
  })

  test('shows the sender, subject, reason and time of each message, and once until when all can be released', () => {
    const text = visibleText(digest.html)
    for (const shown of [
      'Garden Shop',
      'news@shop.example',
      'Your order 4711 is waiting for you at the shop',
      'Looks like spam · Tue\u00A07:30\u00A0AM',
      'You can release until March 21.',
    ]) {
      expect(text).toContain(shown)
    }
    expect(withoutHidden(digest.text)).toContain('Garden Shop <news@shop[.]example>')
  })

  test('has the same links in both parts, and a hidden one that only machines follow', () => {
    const links = [urlOf('release'), urlOf('digest'), urlOf('preferences')]
    expect(linksOf(digest.html)).toEqual([urlOf('more'), ...links, 'mailto:postmaster@example.com'])
    expect(digest.text.match(/https?:\S+/g)).toEqual(links)
  })

  test('loads nothing from anywhere', () => {
    expect(digest.html).not.toMatch(/\bsrc=|url\(|<link|@import|<script|<img/)
  })

  test('declares its language and direction, and marks layout tables as presentation', () => {
    expect(digest.html).toContain('<html lang="en" dir="ltr"')
    const tables = digest.html.replace(/<!--.*?-->/gs, '').match(/<table[^>]*>/g) ?? []
    expect(tables.filter(table => !table.includes('role="presentation"'))).toEqual([])
  })

  test('has no line in its text that is too long for mail', () => {
    for (const line of digest.text.split('\n')) {
      expect(line.length).toBeLessThanOrEqual(line.startsWith('https://') ? 300 : 76)
    }
  })
})

test('A dangerous message has a warning and no button that releases it at once', () => {
  const { html, text } = render(viewOf([entryOf({ kind: 'banned', score: null }, { offer: 'confirm' })]))
  expect(html).toContain('>Check first</a>')
  expect(text).toContain('Risky attachment')
  expect(html).not.toContain('>Release</a>')
})

test('The messages of earlier digests come after the link to this digest’s own list', () => {
  const waiting = { total: 2, isAtLeast: false, soon: 1, entries: [entryOf({ subject: 'Before' })] }
  const { html, text } = render(viewOf([entryOf()], { waiting }))
  for (const part of [html, text]) {
    const places = [urlOf('digest'), 'Still waiting', 'Before'].map(each =>
      withoutHidden(part).lastIndexOf(each),
    )
    expect(places).toEqual(places.toSorted((one, other) => one - other))
  }
})

test('An empty message still gets a sender and a subject', () => {
  const empty = { from: '', sender: '', subject: ' \r\n', score: null, size: 0, receivedAt: Number.NaN }
  const text = visibleText(render(viewOf([entryOf(empty)], { contact: undefined })).html)
  expect(text).toContain('Unknown sender')
  expect(text).toContain('(no subject)')
  expect(text).toContain('Without a return address')
  expect(text).not.toContain('Questions?')
})

test('A right-to-left language mirrors the mail', () => {
  const { html } = renderDigest(template, { ...words, language: 'ar', direction: 'rtl' }, viewOf([entryOf()]))
  expect(html).toContain('<html lang="ar" dir="rtl"')
  expect(html).not.toContain('text-align:left')
})

test.each([
  ['markup', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
  ['MJML', '<mj-raw><b>x</b></mj-raw>'],
  ['an attribute', '" onmouseover="x" style=\'x\''],
  ['a comment', '--><!--[if mso]><b>'],
])('%s in a subject or a name stays text', (_title, hostile) => {
  const plain = render(viewOf([entryOf({ subject: 'x', from: 'x <a@a.example>' })])).html
  const { html } = render(viewOf([entryOf({ subject: hostile, from: `${hostile} <a@a.example>` })]))
  const tagsIn = (page: string) => page.match(/<\w[^>]*>/g)?.length
  expect(html).not.toMatch(/<(?:script|img|mj-)/i)
  expect(tagsIn(html)).toBe(tagsIn(plain))
})

test('An expression of the template language stays text', () => {
  const { html, text } = render(viewOf([entryOf({ subject: '{{direction}} {{{x}}} {{#each}}' })]))
  expect(visibleText(html)).toContain('{{direction}} {{{x}}} {{#each}}')
  expect(withoutHidden(text)).toContain('{{direction}} {{{x}}} {{#each}}')
})

describe('A digest that is too large', () => {
  test('holds more than seventy ordinary messages', () => {
    const { html, listed } = render(viewOf(Array.from({ length: 300 }, () => entryOf())), {
      maxRows: 300,
      maxBytes: 102_400,
    })
    expect(listed).toBeGreaterThan(70)
    expect(Buffer.byteLength(html)).toBeLessThan(102_400)
  })

  test('lists as many as it may, counts the rest and links to them all', () => {
    const { html, text, listed } = render(
      viewOf(
        Array.from({ length: 120 }, () => entryOf()),
        { total: 4035 },
      ),
      { ...DEFAULT_LIMITS, maxRows: 70 },
    )
    expect(listed).toBe(70)
    for (const part of [html, text]) {
      expect(part).toContain('And 3,965 more messages.')
      expect(part).toContain('View all 4,035 in the browser')
    }
    expect(text.match(/\/release\//g)).toHaveLength(70)
  })

  test('lists fewer when their strings are as long as possible', () => {
    const hostile = entryOf(
      {
        subject: '👨‍👩‍👧‍👦'.repeat(255),
        from: `${'💣'.repeat(200)} <${'ü'.repeat(60)}@${'日'.repeat(40)}.example>`,
      },
      { releaseUrl: urlOf('release', `https://${'x'.repeat(92)}`) },
    )
    const { html, listed } = render(viewOf(Array.from({ length: 100 }, () => hostile)))
    expect(listed).toBeGreaterThan(10)
    expect(listed).toBeLessThan(100)
    expect(Buffer.byteLength(html)).toBeLessThan(102_400)
    const oneMore = render(viewOf(Array.from({ length: listed + 1 }, () => hostile)), {
      maxRows: 100,
      maxBytes: 1e6,
    })
    expect(encodedLength(oneMore.html)).toBeGreaterThanOrEqual(102_400)
  })

  test('is refused when it does not fit even without rows', () => {
    expect(() => render(viewOf([entryOf()]), { maxRows: 1, maxBytes: 1000 })).toThrow(
      expect.objectContaining({ code: 'TEMPLATE_INVALID' }),
    )
  })
})

test('Whatever the mails contain, a digest is safe, complete and small enough', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(
        fc.constantFrom(
          'http://',
          'https://',
          'www.',
          'evil.example',
          '@',
          '<a href="',
          '&',
          '"',
          "'",
          '\u202E',
          '{{',
          ' ',
        ),
        { maxLength: 30 },
      )
      .map(pieces => pieces.join('')),
  )
  const mail = fc.record({
    from: hostile,
    sender: hostile,
    subject: hostile,
    score: fc.option(fc.double()),
    size: fc.double(),
    receivedAt: fc.double(),
  })
  const limits = { maxRows: 20, maxBytes: 20_000 }
  fc.assert(
    fc.property(fc.array(mail, { maxLength: 25 }), hostile, hostile, (mails, reader, timeZone) => {
      const view = viewOf(
        mails.map(each => entryOf(each)),
        { reader, timeZone },
      )
      const { html, text, listed } = render(view, limits)
      expect(Buffer.byteLength(html)).toBeLessThan(limits.maxBytes)
      expect(linksOf(html)).toHaveLength(listed + (mails.length === 0 ? 3 : 4))
      expect(
        linksOf(html).every(link =>
          /^(?:https:\/\/quarantine\.example\.com\/|mailto:postmaster)/.test(link ?? ''),
        ),
      ).toBe(true)
      expect(text.match(/https?:\/\/|www\.[a-z]/gi)).toHaveLength(listed + (mails.length === 0 ? 1 : 2))
      expect(visibleTextWithBreaks(html)).not.toMatch(/https?:\/\/|www\.[a-z]/i)
      for (const part of [html, text]) {
        expect(part.replaceAll('\n', '')).not.toMatch(
          /[\p{Cc}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u,
        )
        expect(part.isWellFormed()).toBe(true)
      }
      const rest = mails.length - listed
      expect(html.includes('more message')).toBe(rest > 0)
    }),
    { numRuns: 60 },
  )
})

const visibleTextWithBreaks = (html: string) => html.replace(/^.*<body/s, '<').replace(/<[^>]*>/g, '\n')
