import MailComposer from 'nodemailer/lib/mail-composer'
import { expect, test } from 'vitest'
import { loadLocales } from '../../src/ground/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/ground/templates/digest-template.ts'
import { templateFiles } from '../../src/ground/templates/template-files.ts'
import { renderDigest } from '../../src/work/digest/show/render.ts'
import { RECEIVED, SPAM_SUBJECTS, spamAssassin } from '../servers/spam-assassin.ts'
import { entryOf, urlOf, viewOf } from '../work/digest/show/sample-digest.ts'

const SENDERS = [
  'Canadian Pharmacy <promo@pills-shop.ru>',
  'Casino Bonus <win@casino-bonus.top>',
  'a@gmail.com',
]

const entries = SPAM_SUBJECTS.map((subject, index) => {
  const from = SENDERS[index % SENDERS.length] ?? ''
  return entryOf({ subject, from, sender: /[^<\s]+@[^>]+/.exec(from)?.[0] ?? '', score: 999.999 })
})

const files = templateFiles()
const digest = renderDigest(
  await loadDigestTemplate(files),
  loadLocales(files).wordsFor('en'),
  viewOf(entries),
)

test.each(['base64', 'quoted-printable'] as const)(
  'a stock SpamAssassin does not take a digest full of spam subjects for spam, in %s',
  async textEncoding => {
    const report = await spamAssassin(await messageIn(textEncoding))
    expect(Number(/\((-?[\d.]+) points/.exec(report)?.[1]), report).toBeLessThan(2)
  },
)

test('SpamAssassin finds no URIs in a digest other than our own links', async () => {
  const report = await spamAssassin(await messageIn('base64'), '-D', 'uri')
  const hosts = [...report.matchAll(/added host: (\S+)/g)].map(match => match[1])
  expect(new Set(hosts)).toEqual(new Set(['quarantine.example.com', 'example.com']))
})

async function messageIn(textEncoding: 'base64' | 'quoted-printable'): Promise<string> {
  const message = new MailComposer({
    ...digest,
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
