import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitForHeld } from '../servers/held.ts'
import { inject } from '../servers/inject.ts'
import { bannedMail, spamMail, virusMail } from '../servers/samples.ts'
import { digestMail } from './digest-mail.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'

let world: ServedWorld

beforeAll(async () => {
  world = await startServedWorld({
    amavisd: { extra: "@blacklist_sender_maps = (['blocked@outside.example']);" },
    settings: { policy: { virus: 'confirm' } },
  })
})
afterAll(() => world?.[Symbol.asyncDispose]())

test.each([
  [
    'an address in brackets in a quoted name',
    '"Head Office <boss@bank.example>" <x@evil.example>',
    'x@evil[.]example (Head Office <boss@bank[.]example>)',
    true,
  ],
  [
    'the same, encoded',
    '=?utf-8?Q?Head_Office_=3Cboss=40bank.example=3E?= <x@evil.example>',
    'x@evil[.]example (Head Office <boss@bank[.]example>)',
    true,
  ],
  [
    'an ideographic full stop in an address',
    '"boss@bank\u3002example" <x@evil.example>',
    'x@evil[.]example (boss@bank[.]example)',
    true,
  ],
  [
    'fullwidth and small signs, encoded',
    '=?utf-8?B?Ym9zc++8oGJhbmvvuZJleGFtcGxl?= <x@evil.example>',
    'x@evil[.]example (boss\uFF20bank[.]example)',
    true,
  ],
  [
    'a parenthesis and an address in a comment, encoded',
    '<x@evil.example> (=?utf-8?Q?=29_=3Cboss=40bank=2Eexample=3E?=)',
    'sam@sender[.]example[.]net (<x@evil[.]example> () <boss@bank[.]example>))',
    true,
  ],
  [
    'two bare addresses',
    'first@one.example, second@two.example',
    'first@one[.]example, second@two[.]example',
    false,
  ],
  [
    'two mailboxes',
    'Uma <first@one.example>, Kim <second@two.example>',
    'Uma, Kim <first@one[.]example, second@two[.]example>',
    false,
  ],
  ['a quoted local part', '"kim lee"@outside.example', '"kim lee"@outside[.]example', false],
  ['comments', 'Kim <kim(work)@outside.example (our host)>', 'Kim <kim@outside[.]example>', false],
  [
    'a name in GB18030',
    '=?GB18030?B?xOO6ww==?= <kim@outside.example>',
    '你好 <kim@outside[.]example>',
    false,
  ],
  [
    'a name in windows-1252 that calls itself iso-8859-1',
    '=?iso-8859-1?Q?Kim_=96_=8299=80=9B?= <kim@outside.example>',
    'Kim – ‚99€› <kim@outside[.]example>',
    false,
  ],
])('From with %s', async (title, from, shown, announced) => {
  const { row, page, json } = await listed(spamMail({ from, subject: title }))
  expect(row.join(' ').slice(0, shown.length)).toBe(shown)
  expect(row.some(line => line.includes('the name shows an address'))).toBe(announced)
  expect(page.includes('the name shows an address')).toBe(announced)
  if (announced)
    expect(page.indexOf(shown.startsWith('x') ? 'x@evil.example' : 'sam@sender.example.net')).toBeLessThan(
      page.search(/boss.*bank/),
    )
  expect(
    json.messages[0]?.from.replaceAll('.', '[.]').replace('\u3002', '[.]').replace('\uFE52', '[.]'),
  ).toBe(shown.replaceAll('\uFE52', '[.]'))
})

test.each([
  ['=?iso-8859-8-i?B?+ezl7Q==?=', 'שלום'],
  ['=?GB18030*zh?B?xOO6ww==?=\r\n =?GB18030?Q?=C4=E3?=', '你好你'],
  ['=?csgb2312?B?xOO6ww==?=', '你好'],
  ['=?iso-8859-1?Q?Only_99_=80_=96_we=92re_=84open=93?=', 'Only 99 € – we’re „open“'],
  ['=?x-nobody?Q?Hello,_you?=', 'Hello, you'],
])('Subject: %s', async (subject, shown) => {
  const { subjects, page, json } = await listed(spamMail({ subject }))
  expect(subjects).toEqual([shown])
  expect(page).toContain(shown)
  expect(json.messages[0]?.subject).toBe(shown)
})

test.each([
  ['a banned attachment', bannedMail({ subject: 'Banned' }), 'sam@outside.example', 'Risky attachment'],
  ['a virus', virusMail({ subject: 'Virus' }), 'sam@outside.example', 'Virus found'],
  [
    'a block-listed sender',
    spamMail({ subject: 'Blocked' }),
    'blocked@outside.example',
    'The sender is on a block list',
  ],
])('Mail with %s has no score', async (_, mail, sender, why) => {
  const { row, page } = await listed(mail, { sender })
  expect(row.join('\n')).toContain(why)
  expect(page).toContain(why)
  expect(`${row.join('\n')} ${page}`).not.toMatch(/score/i)
})

test('a score that was given is shown on the page', async () => {
  const { page } = await listed(spamMail({ subject: 'Scored' }))
  expect(page).toContain('Looks like spam (score 1,000.0)')
})

test("the reader's own address with an apostrophe is shown as it is", async () => {
  const { text } = await listed(spamMail({ subject: 'Apostrophe' }), {
    recipient: "o'neil@example.com",
  })
  expect(text).toContain("For o'neil@example.com")
})

interface Listed {
  readonly subjects: readonly string[]
  /** The text part. */
  readonly text: string
  /** The lines of the message in the text part, from the sender on. */
  readonly row: readonly string[]
  /** The text of the page behind the release link. */
  readonly page: string
  readonly json: { readonly messages: readonly { readonly from: string; readonly subject: string }[] }
}

let count = 0

/** Sends a message through amavisd, and returns what its recipient, one of its own, is shown. */
async function listed(
  mail: string,
  { sender = 'sam@sender.example.net', recipient = `reader${++count}@example.com` } = {},
): Promise<Listed> {
  await inject(world.amavisd.smtpPort, { from: sender, to: [recipient] }, mail)
  await waitForHeld(world.storage, row => row.email === recipient)
  await world.run('--recipient', recipient)
  const received = world.digests.mails.find(({ to }) => to.includes(recipient))
  if (!received) throw new Error(`${recipient} received no digest`)
  const { subjects, release, digest } = digestMail(received)
  const text = (received.parsed.text ?? '').replaceAll('\u2060', '')
  const [, own = ''] = text.split(/^1\. .*$/m)
  const [page, whole] = [
    await world.get(release(subjects[0] ?? '')),
    await world.get(digest, { accept: 'application/json' }),
  ]
  return {
    subjects,
    text,
    row: own.split('\n').filter(line => line !== ''),
    page: pageText(page.text),
    json: whole.json as Listed['json'],
  }
}

const pageText = (html: string): string =>
  html
    .replace(/^.*<main/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
