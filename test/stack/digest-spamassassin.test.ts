import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import MailComposer from 'nodemailer/lib/mail-composer'
import { expect, test } from 'vitest'
import { renderDigest } from '../../src/digest/render.ts'
import { loadLocales } from '../../src/i18n/locales.ts'
import { loadDigestTemplate } from '../../src/templates/digest-template.ts'
import { templateFiles } from '../../src/templates/template-files.ts'
import { entryOf, urlOf, viewOf } from '../digest/sample-digest.ts'

const SPAM = [
  'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X',
  'VIAGRA CIALIS 80% OFF!!! Buy now http://pills.example.ru/buy?x=1',
  'Cheap Cialis Levitra Xanax Valium Ambien Vicodin no prescription needed',
  'Make money fast working from home $$$ 100% free',
  'URGENT: You have won $5,000,000 USD in the lottery - contact our barrister',
  'Dear friend, I am the widow of the late General Abacha, next of kin needed',
  'I recorded you. Pay to my bitcoin wallet 1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2',
  'Enlarge your penis naturally, male enhancement, harder erections!!!',
  'Hot XXX girls live sex cams, click here www.porn.xyz',
  'Cheap Rolex replica watches at https://rolex-replica.top',
  'Re: refinance mortgage rates, no obligation, ACT NOW, limited time, risk free',
  'Earn $5000 a week, be your own boss, call +1 (800) 555-1234',
  'Your mailbox password will expire today, verify your PayPal account',
  'Lose weight fast, 30 pounds in 30 days, money back guarantee',
]

const SENDERS = [
  'Canadian Pharmacy <promo@pills-shop.ru>',
  'Casino Bonus <win@casino-bonus.top>',
  'a@gmail.com',
]

const entries = SPAM.map((subject, index) => {
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
  'A digest full of spam subjects is no spam to a stock SpamAssassin, in %s',
  async textEncoding => {
    const report = await spamAssassin(await messageIn(textEncoding))
    expect(Number(/\((-?[\d.]+) points/.exec(report)?.[1]), report).toBeLessThan(2)
  },
)

test('Nothing in a digest but our own links is a URI to SpamAssassin', async () => {
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
  const received = `Received: from quarantine.example.com (quarantine.example.com [8.8.8.8])
\tby mx.example.com with ESMTPS id 4711; ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`
  return received + (await message.compile().build()).toString('latin1')
}

/** Local tests only: the network's answers change from day to day. In a home of its own, and learning nothing. */
async function spamAssassin(message: string, ...options: string[]): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), 'digest-spamassassin-'))
  try {
    const process = spawn('spamassassin', [...OPTIONS, ...options], {
      stdio: 'pipe',
      env: { HOME: home, PATH: '/usr/bin:/bin' },
    })
    process.stdin.end(message, 'latin1')
    const [report, log] = await Promise.all([text(process.stdout), text(process.stderr)])
    return log + report
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

const OPTIONS = ['--test-mode', '--local', '--nocreate-prefs', '--cf=bayes_auto_learn 0']
