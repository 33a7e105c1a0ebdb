import { expect, test } from 'vitest'
import { DAY, HOUR } from '../../../../../src/ground/durations.ts'
import { NOW } from '../../../../embedded/clock.ts'
import { hold } from '../../../../embedded/held-mail.ts'
import { digestRow, insert } from '../../../../embedded/rows.ts'
import { ADMIN, DOMAIN_ADMIN, type ServedDesk, servedDesk } from '../served-desk.ts'

test('the overview shows the mail of today and of the last days, by kind, as a chart and as a table', async () => {
  const desk = await servedDesk()
  await heldMail(desk, ['alice@example.com', 'S'], ['alice@example.com', 'S'], ['bob@example.org', 'B'])
  const text = await overviewFor(desk, ADMIN)
  expect(figures(text)).toEqual([
    ['held back', '3'],
    ['listed in a digest', '0'],
    ['released', '0'],
  ])
  expect(legend(text)).toEqual(['Spam', 'Risky attachment'])
  expect(text).toContain('3 messages in 14 days')
  expect(text).toContain('<title>Mar 11: 3\nSpam: 2\nRisky attachment: 1</title>')
  expect(count(text, '<svg class="chart"')).toBe(3)
  expect(count(text, 'role="img"')).toBe(3)
  const [table] = text.match(/<table>[\s\S]*?<\/table>/) ?? []
  expect(count(table ?? '', '<tr>')).toBe(15)
  expect(table).toMatch(
    /Mar 11<\/th>(<td class="number"><a href="[^"]*after%3A2026-03-11[^"]*">[213]<\/a><\/td>){3}/,
  )
})

test('an admin of some domains sees only their figures', async () => {
  const desk = await servedDesk()
  await heldMail(desk, ['alice@example.com', 'S'], ['bob@example.org', 'B'])
  await stuckDigest(desk, 'alice@example.com')
  const text = await overviewFor(desk, DOMAIN_ADMIN)
  expect(figures(text)[0]).toEqual(['held back', '1'])
  expect(legend(text)).toEqual(['Risky attachment'])
  expect(text).not.toContain('Digests that could not be sent')
  expect(text).not.toContain('example.com')
  expect(await overviewFor(desk, ADMIN)).toContain('Digests that could not be sent: 1')
})

test('stuck digests and releases are shown with their number, their age and a link to the list', async () => {
  const desk = await servedDesk()
  await stuckDigest(desk, 'alice@example.com')
  await desk.database.state.sql
    .insertInto('digest_release')
    .values({ ...RELEASE, item_id: 'item', state: 'uncertain', requested_at: NOW - 3 * HOUR })
    .execute()
  const text = await overviewFor(desk, ADMIN)
  expect(text).toContain('href="/admin/digests?state&#x3D;failed">Digests that could not be sent: 1</a>')
  expect(text).toContain('<p class="note">The last 7 days · Read the mail server’s reply.')
  expect(text).toContain(
    'href="/admin/releases?state&#x3D;uncertain">Releases that may or may not have arrived: 1</a>',
  )
  expect(text).toMatch(/The oldest is from .?Wed, Mar 11, 2:00/)
})

test('an empty database has an overview, too', async () => {
  const text = await overviewFor(await servedDesk(), ADMIN)
  expect(text).toContain('Nothing was held back in these days.')
  expect(text).toContain('No message waits for the next digest.')
  expect(text).not.toMatch(/Releases that|Digests that/)
  expect(text).toContain('No digest was made in the last 30 days. Next: today 6:00')
})

test('the overview shows the next runs, in the default time zone, and the parts of the program', async () => {
  const desk = await servedDesk({
    schedules: [{ name: 'weekdays', cron: '0 7 * * 1-5', timezone: 'Asia/Tokyo', default: true }],
  })
  const text = await overviewFor(desk, ADMIN)
  expect(text).toMatch(
    /<time datetime="2026-03-11T22:00:00\.000Z">tomorrow 7:00.AM<\/time><\/th><td><bdi>weekdays/,
  )
  expect(text).toContain('Japan Standard Time')
  expect(text).toMatch(/amavisd’s database<\/dt><dd><span class="badge good">Fine/)
})

test('the directory is one of the parts, unless each address reads its own mail', async () => {
  const desk = await servedDesk()
  expect(await overviewFor(desk, ADMIN)).not.toContain('<dt>Directory</dt>')
  // amavisd's table of users is not in the database of this test.
  const other = await desk.again({ directory: { kind: 'amavis' } })
  expect(await overviewFor(other, ADMIN)).toMatch(/<dt>Directory<\/dt><dd>.*DIRECTORY_REFUSED/)
})

test('the verdict comes first: the last digests with what became of them, and the next run', async () => {
  const desk = await servedDesk()
  const run = { run_id: 'morning', created_at: NOW - HOUR } as const
  await desk.database.state.sql
    .insertInto('digest_run')
    .values({ run_id: 'morning', schedule: 'daily', due_at: NOW - HOUR, started_at: NOW - HOUR, ...ENDED })
    .execute()
  await insert(desk.database, 'digest_digest', [
    digestRow('1', 'alice@example.com', NOW - HOUR, { ...run, item_count: 3 }),
    digestRow('2', 'bob@example.com', NOW - HOUR, run),
    digestRow('3', 'carol@example.com', NOW - HOUR, { ...run, state: 'failed' }),
    digestRow('4', 'alina@example.org', NOW - HOUR, { ...run, state: 'pending' }),
  ])
  const text = (await overviewFor(desk, ADMIN)).replaceAll(/[\u2068\u2069]/g, '')
  expect(text).toMatch(
    /Last digests: today 4:00.AM, 2 sent, 1 refused\. On their way: 1\. Next: today 6:00.AM\./,
  )
  expect(text.indexOf('class="card verdict')).toBeLessThan(text.indexOf('id="today"'))
  expect(text).toContain('href="/admin/digests?run&#x3D;morning&amp;state&#x3D;failed">1</a>')
  const { text: failed } = await (await desk.signedIn()).get('/admin/digests?run=morning&state=failed')
  expect(failed).toContain('carol@example.com')
  expect(failed).not.toContain('bob@example.com')
  expect(await overviewFor(desk, DOMAIN_ADMIN)).toMatch(/4:00.AM.?, 0 sent, 0 refused\. On their way: 1\./)
})

test('while amavisd’s database cannot be read, the overview comes and says so', async () => {
  const desk = await servedDesk()
  await heldMail(desk, ['alice@example.com', 'S'])
  const item = await desk.database.state.sql
    .selectFrom('digest_item')
    .select('item_id')
    .executeTakeFirstOrThrow()
  await desk.database.state.sql
    .insertInto('digest_release')
    .values({ ...RELEASE, item_id: item.item_id, state: 'released', requested_at: NOW })
    .execute()
  await desk.database.storage.sql.schema.alterTable('msgs').renameTo('msgs_away').execute()
  const text = await overviewFor(desk, ADMIN)
  expect(text).toMatch(/<section class="card verdict bad"[^>]*>\s*<h2[^>]*>Something needs you\./)
  expect(text).toContain('Not available: amavisd’s database')
  expect(text).toContain('Next: today 6:00')
})

test('mail that waits while no run is due is said to be delayed, with the way to the schedules', async () => {
  const desk = await servedDesk({ schedules: [{ name: 'yearly', cron: '0 7 1 1 *', default: true }] })
  expect(await overviewFor(desk, ADMIN)).not.toContain('<a href="/admin/schedules">No schedule')
  await heldMail(desk, ['alice@example.com', 'S'])
  const text = await overviewFor(desk, ADMIN)
  expect(text).toContain(
    '<span class="badge wait">Delayed</span> <a href="/admin/schedules">No schedule is due within a week.</a>',
  )
})

test('charts beside each other have one scale', async () => {
  const desk = await servedDesk()
  await heldMail(desk, ...Array.from({ length: 11 }, (): [string, string] => ['alice@example.com', 'S']))
  const text = await overviewFor(desk, ADMIN)
  const scales = [...text.matchAll(/<svg class="chart"[\s\S]*?<\/svg>/g)].map(([chart]) =>
    [...chart.matchAll(/class="mark"[^>]*>([^<]*)</g)].map(([, mark]) => mark),
  )
  expect(scales).toEqual([
    ['0', '10', '20'],
    ['0', '10', '20'],
    ['0', '10', '20'],
  ])
})

test('dates follow the region of the browser’s language', async () => {
  const desk = await servedDesk()
  await heldMail(desk, ['alice@example.com', 'S'])
  const browser = await desk.signedIn()
  const { text } = await browser.get('/admin', { 'accept-language': 'en-GB' })
  expect(text).toMatch(/Next: .?today 6:00/)
  expect(text).toContain('<th scope="row">11 Mar</th>')
})

async function overviewFor(desk: ServedDesk, address: string): Promise<string> {
  const { status, text } = await (await desk.signedIn(address)).get('/admin')
  expect(status).toBe(200)
  return text
}

/** Mail that amavisd has held today, and that has been collected. */
async function heldMail(desk: ServedDesk, ...mails: readonly [recipient: string, content: string][]) {
  const specs = mails.map(([recipient, content]) => ({ recipient, content, receivedAt: NOW - HOUR }))
  await hold(desk.database.storage, ...specs)
  await desk.app.collect()
}

const stuckDigest = ({ database }: ServedDesk, reader: string) =>
  database.state.sql
    .insertInto('digest_digest')
    .values({
      digest_id: 'digest',
      batch_id: 'batch',
      run_id: 'run',
      reader,
      deliver_to: reader,
      language: 'en',
      time_zone: 'UTC',
      state: 'failed',
      item_count: 1,
      attempts: 3,
      next_attempt_at: NOW - HOUR,
      created_at: NOW - DAY,
      finished_at: NOW - HOUR,
      lease_owner: null,
      lease_until: null,
      resent: null,
      send_at: null,
      canary_at: null,
      firm: null,
      reply: '550 no such user',
    })
    .execute()

const ENDED = { finished_at: NOW, lease_owner: null, lease_until: null, time_zones: null } as const

const RELEASE = {
  claim_id: 'claim',
  requested_by: 'alice@example.com',
  lease_until: NOW,
  attempts: 1,
  next_attempt_at: null,
  finished_at: null,
  code: null,
  reply: null,
} as const

const figures = (text: string) =>
  [...text.matchAll(/<div><dt>([^<]*)<\/dt><dd><a href="[^"]*">([^<]*)<\/a><\/dd><\/div>/g)].map(
    ([, name, value]) => [name, value],
  )

const legend = (text: string) => [...text.matchAll(/<\/svg> ([^<]+)<\/li>/g)].map(([, kind]) => kind)

const count = (text: string, part: string) => text.split(part).length - 1

test('an admin learns that others ask for sign-in links, from where, and what to do', async () => {
  const desk = await servedDesk({ http: { port: 0, trustProxy: ['127.0.0.1'], perAddress: 10_000 } })
  for (const [asked, from] of ['192.0.2.1', '192.0.2.2', '192.0.2.1', '2001:db8::1'].entries()) {
    if (asked < 3) expect(await overviewFor(desk, ADMIN)).not.toContain('were mailed to you')
    const stranger = desk.browser({ 'x-forwarded-for': from })
    await stranger.get('/admin/sign-in')
    await stranger.post('/admin/sign-in', { address: ADMIN })
    await desk.linkFor(ADMIN, asked + 1)
  }
  const text = await overviewFor(desk, ADMIN)
  expect(text).toContain('4 sign-in links were mailed to you within a day and not used.')
  expect(text).toMatch(/from 2 networks; the last one on .*Mar 11.* from 2001:db8:0:0::\/56\./)
  expect(text).toContain('amavis-digest admin link')
  expect(await overviewFor(desk, DOMAIN_ADMIN)).not.toContain('were mailed to you')
  desk.time.now += 2 * DAY
  expect(await overviewFor(desk, ADMIN)).not.toContain('were mailed to you')
})
