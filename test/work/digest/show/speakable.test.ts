import { describe, expect, test } from 'vitest'
import { quoting } from '../../../../src/ground/display/quote.ts'
import { loadLocales } from '../../../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../../../src/work/digest/show/render.ts'
import { entryOf, urlOf, viewOf } from './sample-digest.ts'
import { KINDS_OF_SPAM } from './spam-subjects.ts'
import { htmlMistakes, labelsOf, spokenBody, spokenOf, visibleText } from './spoken-html.ts'

const INVISIBLE = /[\u00AD\u200B-\u200F\u2060-\u2064\uFEFF]/

const files = templateFiles()
const template = await loadDigestTemplate(files)
const locales = loadLocales(files)

const LINKS = [
  'Log in at https://bank.example.com/login.php?id=1',
  'www.shop.example and shop.co.uk',
  'Write to bob@shop.example or call +1 (800) 555-1234',
  'Parcel 9400111899223197428490',
  'C:\\Users or \\\\server\\share or 10.0.0.1',
]
const HOSTILE = ['"><script>alert(1)</script>', "<b>&amp; 'x'", '--><![CDATA[', '\u0000 &#0; &notit;']
const SUBJECTS = [...KINDS_OF_SPAM.map(({ subject }) => subject), ...LINKS, ...HOSTILE]

const digestOf = (subjects: readonly string[], language = 'en', literally = false) => {
  const entries = subjects.map((subject, index) => {
    const risky = index % 5 === 0
    return entryOf(
      {
        subject,
        from: index % 2 === 0 ? '"Amazon.com" <news@shop.example>' : 'Viagra Shop <a@viagra-shop.example>',
        ...(risky ? { kind: 'banned', because: { detail: 'named', name: 'invoice.exe' } } : {}),
      },
      risky ? { offer: 'confirm', group: 'dangerous' } : { group: 'spam' },
    )
  })
  const rest = {
    reader: 'www.evil.example/x@example.com',
    quotesLiterally: literally,
    waiting: { total: 2, isAtLeast: false, soon: 2, entries: entries.slice(0, 2) },
    news: entries
      .slice(0, 2)
      .map(({ mail }) => ({ mail, what: 'gone', at: 0, releaseUrl: undefined }) as const),
  }
  return renderDigest(template, locales.wordsFor(language), viewOf(entries, { ...rest, language }))
}

const forty = Array.from({ length: Math.ceil(SUBJECTS.length / 40) }, (_, index) =>
  SUBJECTS.slice(40 * index, 40 * index + 40),
)

describe('A digest of forty messages', () => {
  test.each(forty.map(subjects => [subjects[0], subjects] as const))(
    'that begins with "%s" has no invisible characters in its text part, its labels and what is spoken',
    (_first, subjects) => {
      const { html, text, subject } = digestOf(subjects)
      for (const part of [subject, text, spokenBody(html), ...labelsOf(html)]) {
        expect(part).not.toMatch(INVISIBLE)
      }
    },
  )

  test.each(forty.map(subjects => [subjects[0], subjects] as const))(
    'that begins with "%s" shows no URLs and addresses but its own',
    (_first, subjects) => {
      const { html, text } = digestOf(subjects)
      expect(visibleText(html)).not.toMatch(
        /https?:\/\/|www\.\w|\w@shop|\w\.(?:example(?!\.com)|exe|ru|top)/i,
      )
      const foreign = (text.match(/https?:\/\/\S+/g) ?? []).filter(
        url => !url.startsWith(urlOf('').slice(0, 30)),
      )
      expect(foreign).toEqual([])
    },
  )

  test.each(['en', 'de', 'pl', 'ar'])('is HTML without a mistake, in %s', language => {
    for (const subjects of forty) expect(htmlMistakes(digestOf(subjects, language).html)).toEqual([])
  })
})

test('A subject is spoken as it is written, and so are name, file and address', () => {
  const { html } = digestOf(LINKS)
  expect(spokenOf(html, 'h3').filter(heading => LINKS.includes(heading))).toEqual(
    expect.arrayContaining(LINKS),
  )
  const spoken = spokenBody(html)
  for (const words of ['Amazon.com', 'Risky attachment: invoice.exe', '(news@shop.example)']) {
    expect(spoken).toContain(words)
  }
})

/** Words that only spam has. A screen reader speaks them; a search of the whole source finds them. */
const ONLY_IN_SPAM =
  /^(?:v[i1]agra|c[i1]?alis|alis|l[e3]vitra|xanax|valium|ambien|vicodin|sildenafil|phentermine|ativan|klonopin|tramadol|ultram|soma|hydrocodone|erectile|ejaculation|penis|meridia|adipex|bontril|lotter(?:y|ie)|loterie|staatsloterij|barrister|widow|abacha|beneficiary|nigerian?|deceased|scam|diplomatic|ghana|rolex|bc1\w+|1Bv\w+|\d+)$/i

/** Of three suspect words in a row, one is hidden in both parts. */
const IN_A_ROW = 'your'

const quote = quoting(false)

test('A search for a word of a subject finds the digest', () => {
  for (const { subject } of KINDS_OF_SPAM) {
    const { html, text } = quote(subject)
    const words = subject.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []
    const lost = words.filter(word => !html.includes(word) && !text.includes(word))
    expect(lost.filter(word => word !== IN_A_ROW && !ONLY_IN_SPAM.test(word))).toEqual([])
  }
})

test('Most subjects of spam are quoted as they are', () => {
  const asTheyAre = KINDS_OF_SPAM.filter(({ subject }) => quote(subject).spoken === '')
  expect(asTheyAre.length / KINDS_OF_SPAM.length).toBeGreaterThan(0.5)
})

test('Where no filter reads the digest, only the string that tests filters is changed', () => {
  const [gtube = '', viagra = ''] = KINDS_OF_SPAM.map(({ subject }) => subject)
  const { html, text } = digestOf([gtube, viagra, 'Dear Friend, urgent request'], 'en', true)
  expect(visibleText(html)).toContain('VIAGRA CIALIS')
  expect(text).toContain('Dear Friend, urgent request')
  for (const part of [html, text, visibleText(html).replace(/\u200C/g, '')]) expect(part).not.toContain(gtube)
})
