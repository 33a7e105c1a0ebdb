import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coloursOf, OUR_COLOURS } from '../../../../src/ground/brand/colours.ts'
import { loadLocales } from '../../../../src/ground/i18n/locales.ts'
import { encodedLength } from '../../../../src/ground/mail/encoded-length.ts'
import { isSevenBit } from '../../../../src/ground/mail/seven-bit.ts'
import { loadDigestTemplate } from '../../../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { DEFAULT_LIMITS, renderDigest } from '../../../../src/work/digest/show/render.ts'
import type { DigestView } from '../../../../src/work/digest/show/view.ts'
import { entryOf, urlOf, viewOf } from './sample-digest.ts'

const files = templateFiles()
const template = await loadDigestTemplate(files)
const words = loadLocales(files).wordsFor('en')
const render = (view: DigestView, limits = DEFAULT_LIMITS) => {
  const digest = renderDigest(template, words, view, limits)
  return { ...digest, html: asRead(digest.html), source: digest.html }
}

/** As a program that shows HTML reads it: references are characters, and line ends are blanks, or nothing in CSS. */
const asRead = (html: string) =>
  html
    .replace(/&#(\d{3,});/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('\r\n}', '}')
    .replaceAll('\r\n', ' ')

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

  test('has HTML that travels as it is, also with letters beyond ASCII', () => {
    const subject = '„Grüße“ – ein naïves Café 💣'
    const { source, html } = render(viewOf([entryOf({ subject })]))
    expect(isSevenBit(source)).toBe(true)
    expect(withoutHidden(html)).toContain(subject)
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

test('A digest whose messages all have to be asked for says how, in both parts, and speaks of no other button', () => {
  const { html, text } = render(viewOf([entryOf({}, { offer: 'request' })]))
  for (const part of [html, text]) {
    expect(part).toContain('Ask for it: an administrator decides')
    expect(part).toContain('You can ask until')
    expect(part).not.toContain('Press Release')
  }
  expect(text).toContain('Ask for it:\nhttps://')
  expect(render(viewOf([entryOf({}, { offer: 'request' }), entryOf()])).text).toContain('Press Release')
})

test('A message to another address of its reader says to which, in both parts; one to the reader’s own does not', () => {
  const waiting = {
    total: 1,
    isAtLeast: false,
    soon: 1,
    entries: [entryOf({ recipient: 'old@example.com' })],
  }
  const entries = [entryOf({ recipient: 'sales@example.com' }), entryOf({ recipient: 'Anna@Example.com' })]
  const { html, text } = render(viewOf(entries, { waiting }))
  const told = (part: string, label: RegExp) =>
    [...withoutHidden(part).matchAll(label)].map(([, name = '', domain = '']) => name + domain)
  expect(told(visibleText(html), /^to \n+(\S+@)\n(\S+)/gm)).toEqual(['sales@example.com', 'old@example.com'])
  expect(told(text, /^ *sent to (\S+)$/gm)).toEqual(['sales@example[.]com', 'old@example[.]com'])
  expect(html).toContain('aria-label="sales@example.com"')
})

test('An address that a message was sent to brings no markup, link or change of direction', () => {
  const recipient = '"<a href=https://evil.example>\u202E"@evil.example'
  const { html, text } = render(viewOf([entryOf({ recipient })]))
  expect(linksOf(html)).toHaveLength(5)
  expect(html).not.toContain('<a href=https')
  expect(`${html}${text}`).not.toContain('\u202E')
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
    const { source, listed } = render(viewOf(Array.from({ length: 300 }, () => entryOf())), {
      maxRows: 300,
      maxBytes: 102_400,
    })
    expect(listed).toBeGreaterThan(70)
    expect(Buffer.byteLength(source)).toBeLessThan(102_400)
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
    const { source, listed } = render(viewOf(Array.from({ length: 100 }, () => hostile)))
    expect(listed).toBeGreaterThan(5)
    expect(listed).toBeLessThan(100)
    expect(Buffer.byteLength(source)).toBeLessThan(102_400)
    const oneMore = render(viewOf(Array.from({ length: 100 }, () => hostile)), {
      maxRows: listed + 1,
      maxBytes: 1e6,
    })
    expect(encodedLength(oneMore.source)).toBeGreaterThanOrEqual(102_400)
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
    recipient: hostile,
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
      const { html, source, text, listed } = render(view, limits)
      expect(Buffer.byteLength(source)).toBeLessThan(limits.maxBytes)
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

describe('whose digest it is', () => {
  const logo = { src: 'cid:logo@example.com', width: 80, height: 40 }

  test('the brand stands above the title, with its logo if it has one, and its name breaks nothing', () => {
    const name = '<b onclick=x>&amp; "Ltd"'
    const { html, text } = render(viewOf([entryOf()], { brand: { name, logo } }))
    expect(html).not.toContain('<b onclick')
    expect(html).toContain('&lt;b onclick&#x3D;x&gt;&amp;amp; &quot;Ltd&quot;')
    expect(html.indexOf('&lt;b onclick')).toBeLessThan(html.indexOf('<h1'))
    expect(html.match(/<img[^>]*>/g)).toEqual([
      '<img src="cid:logo@example.com" alt="" width="80" height="40" style="border:0;vertical-align:middle">',
    ])
    expect(text.startsWith(`${name}\n\n1 message held back`)).toBe(true)
    expect(render(viewOf([entryOf()])).html).not.toContain('<img')
  })

  test('the reader’s phrase stands in both parts, as text alone and in no link', () => {
    const phrase = 'teapot https://evil.example <i>'
    const { html, text, subject } = render(viewOf([entryOf()], { phrase }))
    expect(visibleText(html)).toContain('Your phrase:')
    expect(html).not.toContain('<i>')
    expect(html).not.toMatch(/href="[^"]*(?:evil|teapot)/)
    expect(text).toMatch(/^Your phrase: teapot /m)
    expect(text).not.toContain('https://evil.example')
    expect(subject).not.toContain('teapot')
    expect(render(viewOf([entryOf()])).text).not.toContain('Your phrase')
  })

  test('a brand’s colour takes the place of ours on buttons, links and headings, in light and dark', async () => {
    const own = coloursOf('#0066cc')
    const branded = await loadDigestTemplate(files, own)
    const { html } = renderDigest(
      branded,
      words,
      viewOf([entryOf(), entryOf({ score: 22 }, { group: 'spam' })]),
    )
    for (const ours of Object.values(OUR_COLOURS)) expect(html).not.toContain(ours)
    expect(html).toMatch(/<h1 [^>]*color:#0066cc"/)
    expect(html).toMatch(/<a [^>]*style="background:#0066cc;color:#fff/)
    expect(asRead(html)).toContain(
      `.s{background:${own.accentDark} !important;color:${own.onAccentDark} !important}`,
    )
  })
})

describe('in the lists of mail programs', () => {
  const locales = loadLocales(files)
  const entries = (count: number) =>
    Array.from({ length: count }, (_, index) => entryOf({ from: `Sender ${index} <s${index}@shop.example>` }))
  const preheaderOf = (html: string) =>
    withoutHidden(/<div style="display:none[^>]*>([^<]*)</.exec(html)?.[1] ?? '')

  test.each(locales.languages)(
    'the preheader names the first senders, and the subject the day (%s)',
    language => {
      for (const count of [0, 1, 5, 500]) {
        const shown = entries(count)
        const view = viewOf(shown, { language })
        const { html, subject } = renderDigest(template, locales.wordsFor(language), view)
        const preheader = preheaderOf(asRead(html))
        expect(preheader).not.toBe('')
        expect(preheader.match(/Sender \d/g) ?? []).toEqual(
          ['Sender 0', 'Sender 1', 'Sender 2'].slice(0, count),
        )
        if (count > 3) expect(preheader).toContain(String(count - 3))
        if (count > 0) expect(subject).toMatch(/\((?=.*\b11\b|.*11).*\)$/)
      }
    },
  )
})

describe('in programs that understand less', () => {
  const { html } = render(
    viewOf([entryOf(), entryOf({ kind: 'banned' }, { group: 'dangerous', offer: 'confirm' })]),
  )

  test('no word of a button is broken, and each important rule has the blank that Orange needs', () => {
    expect(html).not.toContain('word-break')
    expect(html).not.toMatch(/[^ ]!important/)
  })

  test('the page has no margin where no style element is read', () => {
    const { html } = render(viewOf([entryOf()]))
    expect(html.replace(/<style[^>]*>.*?<\/style>/gs, '')).toMatch(/<body[^>]* style="margin:0;/)
  })

  test('Word gets a button with an edge and room inside, others have it on the link itself', () => {
    const forWord = /<!--\[if mso\]><style>(h1[^<]*)</.exec(html)?.[1]
    expect(forWord).toMatch(/\.p\{padding:9px;border:1px solid/)
    expect(html).toMatch(/<p class="p ps" style="margin:0"><a [^>]*style="background:#0b6b57;color:#fff/)
    expect(html).toMatch(/<p class="p pr" style="margin:0"><a [^>]*style="color:#8a3b00;border:1px solid/)
  })

  test('language, direction and landmarks stand inside the body, which mail programs keep', () => {
    const body = html.slice(html.indexOf('<body'))
    expect(body).toMatch(/<div[^>]* role="main" lang="en" dir="ltr"|<div role="main" lang="en" dir="ltr"/)
    expect(body).toContain('<div role="contentinfo" lang="en" dir="ltr">')
    expect(body.match(/<div\b/g)?.length).toBe(body.match(/<\/div>/g)?.length)
  })
})
