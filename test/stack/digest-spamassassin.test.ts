import MailComposer from 'nodemailer/lib/mail-composer'
import { beforeAll, expect, test } from 'vitest'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../src/work/digest/show/render.ts'
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

function digestOf(subjects: readonly string[]) {
  const entries = subjects.map((subject, index) => {
    const from = SENDERS[index % SENDERS.length] ?? ''
    return entryOf({ subject, from, sender: /[^<\s]+@[^>]+/.exec(from)?.[0] ?? '', score: 999.999 })
  })
  return renderDigest(template, words, viewOf(entries))
}

const digest = digestOf(SPAM_SUBJECTS)
const ENCODINGS = ['base64', 'quoted-printable'] as const
const ROWS = [5, 12, 40] as const

/** The verdicts on groups of messages, by the name of the group. */
let verdicts: ReadonlyMap<string | number, readonly Verdict[]>

// One SpamAssassin for all messages: to start it takes a second.
beforeAll(async () => {
  const groups = new Map<string | number, readonly Promise<string>[]>([
    ...ENCODINGS.map(textEncoding => [textEncoding, [messageIn(textEncoding)]] as const),
    ...ROWS.map(rows => [rows, digestsOf(rows).map(each => messageIn('quoted-printable', each))] as const),
  ])
  const messages = await Promise.all([...groups.values()].flat())
  const all = verdictsIn(await spamAssassin(mailboxOf(messages), '--mbox', '--cf=report_safe 0'))
  expect(all).toHaveLength(messages.length)
  verdicts = new Map([...groups].map(([name, { length }]) => [name, all.splice(0, length)] as const))
}, 300_000)

test.each(ENCODINGS)(
  'a stock SpamAssassin does not take a digest full of spam subjects for spam, in %s',
  textEncoding => {
    const found = verdicts.get(textEncoding)
    expect(found).toHaveLength(1)
    expect(found?.filter(({ score }) => score >= 2)).toEqual([])
  },
)

test('SpamAssassin finds no URIs in a digest other than our own links', async () => {
  const report = await spamAssassin(await messageIn('base64'), '-D', 'uri')
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

const verdictsIn = (report: string): Verdict[] =>
  [...report.matchAll(/^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?)\s+autolearn/gms)].map(match => ({
    score: Number(match[1]),
    rules: (match[2] ?? '').replace(/\s/g, ''),
  }))

async function messageIn(textEncoding: 'base64' | 'quoted-printable', shown = digest): Promise<string> {
  const message = new MailComposer({
    ...shown,
    textEncoding,
    from: 'Mail quarantine <quarantine@example.com>',
    to: 'anna@example.com',
    messageId: '<digest-4711@quarantine.example.com>',
    headers: {
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'All',
      'List-Id': 'Mail quarantine <quarantine.example.com>',
      'List-Unsubscribe': `<${urlOf('preferences')}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  })
  return RECEIVED + (await message.compile().build()).toString('latin1')
}
