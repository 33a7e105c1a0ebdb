import { afterAll, beforeAll, expect, test } from 'vitest'
import { samplesOf } from '../ground/metrics/samples.ts'
import { waitUntil } from '../servers/wait.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld({ settings: { collect: { every: '1s' } } })
})
afterAll(() => world?.[Symbol.asyncDispose]())

test('/metrics shows what has happened and what is left to do, but no addresses', async () => {
  const schedules = [{ name: 'often', cron: '* * * * *', default: true }]
  const program = await world.configure({ schedules })
  await using service = await program.serve()
  const began = Date.now() / 1000
  await hold(world, ['alice@example.com', 'bob@example.com'], { subject: 'Seen' })
  // As if the schedule had existed since yesterday, so that its latest run is due now unless it has just been made.
  await world.state.query('UPDATE digest_schedule SET updated_at = updated_at - 86400000')
  await world.digests.waitFor(mail => mail.to.includes('alice@example.com'), 75_000)
  await world.digests.waitFor(mail => mail.to.includes('bob@example.com'), 75_000)
  const { release } = digestFor(world.digests.mails, 'alice@example.com')
  await follow(service, release('Seen'))
  await follow(service, release('Seen'), { headers: { 'sec-purpose': 'prefetch' } })
  const post = { method: 'POST', headers: { ...JSON_ONLY, ...FORM } }
  expect(await follow(service, release('Seen'), post)).toMatchObject({ json: { status: 'released' } })
  await waitUntil('the run to be shown', async () => {
    const { samples } = await scrape(service)
    return samples.has('amavis_digest_last_run_finished_timestamp_seconds{schedule="often"}')
  })

  const { text, samples } = await scrape(service)
  const figure = (name: string) => samples.get(`amavis_digest_${name}`)
  expect(figure('held_mails_collected_total')).toBe(2)
  expect(figure('deliveries_total{outcome="sent"}')).toBe(2)
  expect(figure('delivery_duration_seconds_count{outcome="sent"}')).toBe(2)
  expect(figure('delivery_duration_seconds_sum{outcome="sent"}')).toBeGreaterThan(0)
  expect(figure('releases_total{outcome="released"}')).toBe(1)
  expect(figure('release_duration_seconds_sum{outcome="released"}')).toBeGreaterThan(0.005)
  expect(figure('link_requests_total{page="release",kind="GET"}')).toBe(1)
  expect(figure('link_requests_total{page="release",kind="prefetch"}')).toBe(1)
  expect(figure('link_requests_total{page="release",kind="POST"}')).toBe(1)
  expect(figure('last_run_finished_timestamp_seconds{schedule="often"}')).toBeGreaterThan(began)
  expect(figure('digests{state="pending"}')).toBe(0)
  expect(figure('items_waiting')).toBe(0)
  expect(figure('oldest_undelivered_seconds')).toBe(0)
  for (const part of ['storage', 'state', 'queue', 'smtp', 'amavisd'])
    expect(figure(`up{part="${part}"}`)).toBe(1)
  const connections = (use: string) => figure(`database_connections{role="storage",use="${use}"}`) ?? 0
  expect(connections('busy') + connections('idle')).toBeGreaterThan(0)
  expect(figure('database_waiting{role="storage"}')).toBe(0)
  expect(samples.get('process_resident_memory_bytes')).toBeGreaterThan(10_000_000)
  expect(text).not.toMatch(/@|alice|bob|example/)
}, 180_000)

test('digests that cannot be sent are shown, with their age', async () => {
  await world.reset()
  await using service = await world.program.serve()
  await world.digests.stop()
  await hold(world, 'alice@example.com')
  await world.program.command('run')
  await world.storage.query(
    'UPDATE digest_digest SET created_at = created_at - 7200000, send_at = send_at - 7200000',
  )
  await waitUntil('the digest to be shown', async () => {
    const { samples } = await scrape(service)
    return samples.get('amavis_digest_digests{state="pending"}') === 1
  })
  const { samples } = await scrape(service)
  expect(samples.get('amavis_digest_oldest_undelivered_seconds')).toBeGreaterThan(7_199)
  await world.digests.start()
})

async function scrape(service: Service) {
  const { text, status } = await follow(service, `${service.url}/metrics`)
  expect(status).toBe(200)
  return { text, samples: samplesOf(text) }
}
