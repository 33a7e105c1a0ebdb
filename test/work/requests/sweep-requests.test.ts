import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, test } from 'vitest'
import { requestDesk } from '../../../src/desks/requests/request-desk.ts'
import { chunks } from '../../../src/ground/database/chunks.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/ground/durations.ts'
import type { Step } from '../../../src/ground/steps.ts'
import { sweepRequests } from '../../../src/work/requests/sweep-requests.ts'
import { tidy } from '../../../src/work/tidy/tidy.ts'
import { NOW } from '../../embedded/clock.ts'
import { hold, recipientStatus, updateRecipient } from '../../embedded/held-mail.ts'
import { STANDARD_POLICIES } from '../../standard-policies.ts'
import { ALICE, atStep, BOB, decider, requestsWorld, SALES } from './requests-world.ts'

const POSTMASTER = 'postmaster@example.com'

test('an admin gets one mail in ten minutes, which lists what waits and only leads to the page', async () => {
  const { ask, sweep, later, mailsTo, mailer, storage, deps, waiting } = await requestsWorld({
    subject: 'Pay\u202E <img src=x> at https://evil.example/now',
    from: '"<b>The boss</b>" <boss@evil.example>',
  })
  await ask(ALICE)
  later(2 * SECOND)
  // Two processes look at once.
  await Promise.all([sweep(), sweepRequests(deps, new AbortController().signal)])
  expect(mailsTo(POSTMASTER)).toEqual(['1 request for a message waits for you'])
  const [mail] = mailer.attempts
  // The only one is decided on its own page.
  expect(mail?.html).toContain(
    `href="https://quarantine.example.com/admin/requests/${(await waiting())[0]?.id}"`,
  )
  expect(mail?.html.match(/href=/g)).toHaveLength(1)
  expect(mail?.html).not.toContain('<img')
  expect(mail?.text).toContain(
    '“Pay <img src=x> at https[:]//evil[.]example/now”, from <b>The boss</b>, boss@evil[.]example, for sales@example.com. Risky attachment. Asked for by alice@example.com (Wed, Mar 11, 5:00',
  )
  // A second reader of the same message is no news, but a flood of other requests is; only after ten minutes.
  await ask(BOB)
  await flood(storage, 40)
  later(9 * MINUTE)
  await sweep()
  await sweep()
  expect(mailsTo(POSTMASTER)).toHaveLength(1)
  later(2 * MINUTE)
  await sweep()
  await sweep()
  expect(mailsTo(POSTMASTER).slice(1)).toEqual(['41 requests for messages wait for you'])
  expect(mailer.attempts.at(-1)?.text).toContain('And 21 more.')
  expect(mailer.attempts.at(-1)?.html).toContain('href="https://quarantine.example.com/admin/requests"')
  later(HOUR)
  await sweep()
  expect(mailsTo(POSTMASTER)).toHaveLength(2)
})

/** Another program marks as many messages. */
const flood = (storage: Parameters<typeof hold>[0], count: number) =>
  hold(
    storage,
    ...Array.from({ length: count }, (_, index) => ({
      recipient: SALES,
      receivedAt: NOW - HOUR,
      mailId: `flood${index}`,
      content: 'B',
      rs: 'p',
    })),
  )

test('admins hear of their own domains only; who wants no such mail and the help desk hear nothing', async () => {
  const { ask, sweep, later, mailer } = await requestsWorld(
    {},
    {
      admins: [
        { address: 'all@example.net' },
        { address: 'own@example.com', domains: ['example.com'] },
        { address: 'other@example.org', domains: ['other.example'] },
        { address: 'quiet@example.net', requests: false },
        { address: 'help@example.net', role: 'helpDesk', release: true },
      ],
    },
  )
  await ask(ALICE)
  later(2 * SECOND)
  await sweep()
  expect(mailer.attempts.map(({ to }) => to)).toEqual(['all@example.net', 'own@example.com'])
})

test('a mail that the SMTP server does not take is tried again, to admins and to readers', async () => {
  const { ask, sweep, later, mailsTo, mailer, waiting, desk } = await requestsWorld()
  await ask(ALICE)
  later(2 * SECOND)
  mailer.answer = () => ({ outcome: 'unreachable', reply: 'connection refused' })
  await sweep()
  await sweep()
  expect(mailsTo(POSTMASTER)).toHaveLength(1)
  const [request] = await waiting()
  await desk.refuse(decider(), request?.id ?? '', {})
  await sweep()
  await sweep()
  expect(mailsTo(ALICE)).toHaveLength(1)
  mailer.answer = () => ({ outcome: 'accepted', reply: '250 Ok' })
  await ask(BOB)
  later(2 * MINUTE)
  await sweep()
  later(DAY)
  await sweep()
  expect(mailsTo(ALICE)).toHaveLength(2)
  // Nothing waits any more.
  expect(mailsTo(POSTMASTER)).toHaveLength(1)
})

test('a reader who no longer reads the mail is told nothing of it', async () => {
  const { ask, sweep, mailsTo, waiting, desk, deps } = await requestsWorld()
  await ask(ALICE)
  await ask(BOB)
  const [request] = await waiting()
  await desk.refuse(decider(), request?.id ?? '', { note: 'A secret.' })
  const left = { ...deps, directory: { find: deps.directory.find } }
  left.directory.find = async addresses =>
    new Map(
      [...(await deps.directory.find(addresses))].map(([address, answer]) => [
        address,
        { ...answer, readers: answer.readers.filter(reader => reader.address !== BOB) },
      ]),
    )
  await sweepRequests(left, new AbortController().signal)
  await sweep()
  expect(mailsTo(ALICE)).toHaveLength(1)
  expect(mailsTo(BOB)).toEqual([])
})

test('what Mailzu marks as asked for becomes a request, once, that an admin approves or that expires', async () => {
  const { sweep, later, storage, key, waiting, desk, transport, mailer, status, ask } = await requestsWorld({
    rs: 'p',
  })
  const [old = key] = await hold(storage, {
    recipient: SALES,
    receivedAt: NOW - 20 * DAY,
    mailId: 'old',
    content: 'B',
    rs: 'p',
  })
  await sweep()
  later(MINUTE)
  await sweep()
  const [request, ...others] = await waiting()
  expect(others).toEqual([])
  expect(request).toMatchObject({ ref: '0.wanted.1', readers: [] })
  expect(mailer.attempts.at(-1)?.text).toContain('Asked for by another program')
  // A reader of ours joins.
  expect(await ask(ALICE)).toMatchObject({ status: 'requested' })
  const outcome = await desk.approve(decider(), request?.id ?? '', {})
  expect(outcome.release).toEqual({ status: 'released', code: null })
  expect(transport.requests).toMatchObject([{ recipient: SALES, requestedBy: ALICE }])
  expect(await status()).toBe('R')
  // A day goes over all that is older.
  for (let hours = 0; hours < 25; hours += 1) {
    later(HOUR)
    await sweep()
  }
  expect(await waiting()).toMatchObject([{ ref: '0.old.1' }])
  later(8 * DAY)
  await sweep()
  await sweep()
  expect(await recipientStatus(storage, old)).toBe('V')
})

test('what Mailzu marks waits for the admins, whatever readers may do with mail of that kind', async () => {
  const { deps, waiting, status } = await requestsWorld({ rs: 'p', content: 'S' })
  const standard = { ...deps, policies: STANDARD_POLICIES }
  await sweepRequests(standard, new AbortController().signal)
  const [request] = await waiting()
  expect(request).toMatchObject({ kind: 'spam', readers: [] })
  await requestDesk(standard).approve(decider(), request?.id ?? '', {})
  expect(await status()).toBe('R')
})

test('a request of another program that takes it back is forgotten', async () => {
  const { sweep, later, storage, key, rows } = await requestsWorld({ rs: 'p' })
  await sweep()
  await updateRecipient(storage, key, { rs: 'V' })
  later(2 * MINUTE)
  await sweep()
  expect(await rows('digest_request')).toEqual([])
})

test('where another program takes the p away, it is set again as long as somebody waits', async () => {
  const { ask, sweep, later, storage, key, status } = await requestsWorld()
  await ask(ALICE)
  await updateRecipient(storage, key, { rs: 'v' })
  later(2 * MINUTE)
  await sweep()
  expect(await status()).toBe('p')
})

test('requests that are over are kept as long as the audit and as the mail, and then tidied with their readers', async () => {
  const { ask, waiting, desk, sweep, later, deps, rows } = await requestsWorld()
  await ask(ALICE)
  const [request] = await waiting()
  await desk.refuse(decider(), request?.id ?? '', {})
  await sweep()
  later(300 * DAY)
  await tidy(deps)
  expect(await rows('digest_request')).toHaveLength(1)
  later(70 * DAY)
  await tidy(deps)
  expect(await rows('digest_request')).toEqual([])
  expect(await rows('digest_request_reader')).toEqual([])
})

test('where little mail comes, two days are looked through in few statements, and no message is left out', async () => {
  const { sweep, storage, statements, waiting } = await requestsWorld()
  const hours = [0, 1, 2, 5, 6, 7, 12, 24, 47]
  await hold(
    storage,
    ...hours.map(hour => ({ recipient: SALES, receivedAt: NOW - hour * HOUR, mailId: `m${hour}`, rs: 'p' })),
  )
  const before = statements.length
  await sweep()
  expect(await waiting()).toHaveLength(hours.length)
  const looks = statements.slice(before).filter(sql => sql.includes(`"msgrcpt"."rs" = `))
  expect(looks.length).toBeLessThan(30)
})

test('hundreds of requests are looked at in few statements', async () => {
  const { sweep, later, storage, statements } = await requestsWorld()
  for (const chunk of chunks(Array.from({ length: 250 }, (_, index) => index)))
    await hold(
      storage,
      ...chunk.map(index => ({ recipient: SALES, receivedAt: NOW - HOUR, mailId: `m${index}`, rs: 'p' })),
    )
  await sweep()
  for (let looks = 0; looks < 2; looks += 1) await sweep()
  later(2 * MINUTE)
  const before = statements.length
  await sweep()
  expect(statements.length - before).toBeLessThan(120)
})

const RELEASED = 'The message that you asked for has been released'
const REFUSED = 'Your request for a message was refused'

test.each([
  ['request-written', 'ask', { rs: 'p', releases: 0, mails: [] }],
  ['request-decided', 'approve', { rs: 'R', releases: 1, mails: [RELEASED] }],
  ['request-decided', 'refuse', { rs: 'V', releases: 0, mails: [REFUSED] }],
  // A mail that may have gone is not sent again: the page says it.
  ['request-letter-claimed', 'refuse', { rs: 'V', releases: 0, mails: [] }],
] as const)('killed at %s of %s, the program makes good what is left', async (step, act, then) => {
  const world = await requestsWorld()
  const { ask, desk, later, mailer, mailsTo, status, sweep, transport, url, waiting } = world
  const killed = keptAt(step, url.replace('sqlite://', ''))
  await ask(ALICE)
  if (act !== 'ask') {
    const [request] = await waiting()
    await desk[act](decider(), request?.id ?? '', {})
    await sweep()
  }
  killed.restore()
  transport.requests.length = 0
  mailer.attempts.length = 0
  later(MINUTE)
  await sweep()
  later(MINUTE)
  await sweep()
  expect({ rs: await status(), releases: transport.requests.length, mails: mailsTo(ALICE) }).toEqual(then)
})

/** Keeps the whole database as it is when a step is passed first, to go on from there as after a kill. */
function keptAt(step: Step, file: string) {
  const copy = `${file}.kept`
  const sql = (text: string) => {
    using database = new DatabaseSync(file)
    return database.exec(text)
  }
  let isKept = false
  atStep(step, () => {
    if (!isKept) sql(`VACUUM INTO '${copy}'`)
    isKept = true
  })
  const restore = () => {
    using kept = new DatabaseSync(copy)
    const tables = kept.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    const statements = tables.map(
      ({ name }) => `DELETE FROM ${name}; INSERT INTO ${name} SELECT * FROM kept.${name};`,
    )
    sql(`ATTACH '${copy}' AS kept; PRAGMA foreign_keys = OFF; BEGIN; ${statements.join(' ')} COMMIT;`)
    rmSync(copy)
  }
  return { restore }
}
