import { beforeAll, expect, test } from 'vitest'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { composer } from '../../src/ground/mail/compose.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { type RenderedDigest, renderDigest } from '../../src/work/digest/show/render.ts'
import { RECEIVED, SPAM_SUBJECTS, spamAssassin } from '../servers/spam-assassin.ts'
import { entryOf, urlOf, viewOf } from '../work/digest/show/sample-digest.ts'
import { KINDS_OF_SPAM } from '../work/digest/show/spam-subjects.ts'

const SENDERS = [
  'Canadian Pharmacy <promo@pills-shop.ru>',
  'Casino Bonus <win@casino-bonus.top>',
  'a@gmail.com',
]

const files = templateFiles()
const template = await loadDigestTemplate(files)
const words = loadLocales(files).wordsFor('en')

function digestOf(subjects: readonly string[], publicUrl?: string): RenderedDigest {
  const entries = subjects.map((subject, index) => {
    const from = SENDERS[index % SENDERS.length] ?? ''
    return entryOf(
      { subject, from, sender: /[^<\s]+@[^>]+/.exec(from)?.[0] ?? '', score: 999.999 },
      { releaseUrl: urlOf('release', publicUrl) },
    )
  })
  return renderDigest(template, words, viewOf(entries))
}

const digest = digestOf(SPAM_SUBJECTS)

const AT_A_UNIVERSITY = 'https://quarantine.example.edu'
const repeated = (subject: string): readonly string[] => Array.from({ length: 40 }, () => subject)

/** Digests whose characters beyond ASCII a filter might hold against them. */
const ODD_DIGESTS = {
  'of spam subjects': digest,
  'in Cyrillic and Chinese, of a university': digestOf(
    ['Вы выиграли новый телефон', 'Срочно! Ваш счёт', '隔離されたメールを解放する'],
    AT_A_UNIVERSITY,
  ),
  'of single characters': digestOf(repeated('見')),
  'of single letters with an accent': digestOf(repeated('ü')),
  'of accents, of a university': digestOf(
    repeated('Größe für Mädchen: naïve café, déjà vu'),
    AT_A_UNIVERSITY,
  ),
}

const ROWS = [5, 12, 40] as const

/** The verdicts on digests, by the name of their group. */
let verdicts: ReadonlyMap<string | number, readonly Verdict[]>

// One SpamAssassin for all messages: to start it takes a second. It reports on them in an order of its own.
beforeAll(async () => {
  const digests = [
    ...Object.entries(ODD_DIGESTS).map(([group, odd]) => ({ group, shown: odd })),
    ...ROWS.flatMap(rows => digestsOf(rows).map(shown => ({ group: rows, shown }))),
  ]
  const messages = digests.map(({ shown }, number) => messageOf(shown, number))
  const byNumber = verdictsIn(await spamAssassin(mailboxOf(messages), '--mbox', '--cf=report_safe 0'))
  expect(byNumber.size).toBe(messages.length)
  verdicts = new Map(
    [...Map.groupBy(digests.entries(), ([, { group }]) => group)].map(([group, own]) => [
      group,
      own.flatMap(([number]) => byNumber.get(number) ?? []),
    ]),
  )
}, 300_000)

test.each(Object.keys(ODD_DIGESTS))('a stock SpamAssassin does not take a digest %s for spam', name => {
  const found = verdicts.get(name)
  expect(found).toHaveLength(1)
  expect(found?.filter(({ score }) => score >= 2)).toEqual([])
  expect(found?.[0]?.rules).not.toMatch(/URI_DOTEDU_ENTITY|HTML_SINGLET_MANY/)
})

test('SpamAssassin finds no URIs in a digest other than our own links', async () => {
  const report = await spamAssassin(messageOf(digest, 0), '-D', 'uri')
  const hosts = [...report.matchAll(/added host: (\S+)/g)].map(match => match[1])
  expect(new Set(hosts)).toEqual(new Set(['quarantine.example.com', 'example.com']))
})

test.each(ROWS)(
  'a stock SpamAssassin takes no digest of %i messages for spam, whatever the subjects',
  rows => {
    const found = verdicts.get(rows) ?? []
    expect(found).toHaveLength(Math.ceil(KINDS_OF_SPAM.length / rows))
    expect(found.filter(({ score }) => score >= 2)).toEqual([])
    expect(found.filter(({ rules }) => rules.includes('HTML_FONT_LOW_CONTRAST'))).toEqual([])
  },
)

/** In the order of the list, subjects of one kind stand together, which scores most. */
function digestsOf(rows: number) {
  const subjects = KINDS_OF_SPAM.map(({ subject }) => subject)
  return Array.from({ length: Math.ceil(subjects.length / rows) }, (_, index) =>
    digestOf(subjects.slice(rows * index, rows * index + rows)),
  )
}

/** RFC 4155 */
const mailboxOf = (messages: readonly string[]): string =>
  messages
    .map(
      message =>
        `From quarantine@example.com Sun Mar  1 06:00:00 2026\n${message.replaceAll('\r\n', '\n')}\n`,
    )
    .join('\n')

interface Verdict {
  readonly score: number
  readonly rules: string
}

/** By the number in the Message-ID. */
const verdictsIn = (report: string): ReadonlyMap<number, Verdict> =>
  new Map(
    [...report.matchAll(STATUS_AND_NUMBER)].map(([, score, rules = '', number]) => [
      Number(number),
      { score: Number(score), rules: rules.replace(/\s/g, '') },
    ]),
  )

const STATUS_AND_NUMBER =
  /^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?)\s+autolearn.*?^Message-ID: <digest-(\d+)@/gms

const compose = composer(
  { name: 'Mail quarantine', address: 'quarantine@example.com' },
  'quarantine.example.com',
)

const messageOf = (shown: RenderedDigest, number: number): string =>
  RECEIVED +
  compose({
    ...shown,
    to: 'anna@example.com',
    messageId: `<digest-${number}@quarantine.example.com>`,
    date: Date.now(),
    language: 'en',
    preferencesUrl: urlOf('preferences'),
  })
