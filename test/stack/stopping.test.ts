import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { listenForNotifications } from '../servers/notify-socket.ts'
import { waitUntil } from '../servers/wait.ts'
import { hold, startWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await startWorld()
})
beforeEach(() => world.reset())
afterAll(() => world?.[Symbol.asyncDispose]())

/** Leaves unsent digests for a number of readers. */
async function leaveDigests(count: number): Promise<void> {
  await hold(
    world,
    Array.from({ length: count }, (_, index) => `reader${index}@example.com`),
  )
  await world.digests.stop()
  await world.program.command('run')
  await world.digests.start()
  await world.storage.query('UPDATE digest_digest SET next_attempt_at = 0')
}

describe('a service that is told to stop', () => {
  test('shows it at /readyz first, finishes the mails in hand, and ends with status 0', async () => {
    await leaveDigests(30)
    const held = world.digests.holdAnswers()
    const child = world.program.spawn('serve')
    await child.whileAlive(waitUntil('mails in hand', () => held.count() > 0))
    process.kill(child.pid, 'SIGTERM')
    const readyz = () => fetch(`${world.program.url}/readyz`)
    await waitUntil('not ready', async () => (await readyz()).status === 503)
    expect(await (await readyz()).json()).toMatchObject({ reasons: ['stopping'] })
    held.answer()
    expect(await child.ended).toBe(0)
    const inHand = world.digests.mails.length
    expect(inHand).toBeGreaterThan(0)
    expect(inHand).toBeLessThan(30)
    const states = await world.storage.query<{ state: string; lease_owner: string | null }>(
      'SELECT state, lease_owner FROM digest_digest',
    )
    expect(states.filter(digest => digest.state === 'sent')).toHaveLength(inHand)
    expect(states.every(digest => digest.lease_owner === null)).toBe(true)
  })

  test('leaves the work that is not finished within shutdown.grace, which is done after the lease', async () => {
    await leaveDigests(1)
    const program = await world.configure({ shutdown: { grace: '1s' }, delivery: { lease: '5s' } })
    const held = world.digests.holdAnswers()
    const child = program.spawn('serve')
    await child.whileAlive(waitUntil('a mail in hand', () => held.count() === 1))
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended).toBe(0)
    expect(child.output()).toContain('not finished within shutdown.grace')
    held.answer()
    await using service = await program.serve()
    await world.digests.waitFor(mail => mail.to.includes('reader0@example.com'))
    expect(service.log()).toContain('"msg":"ready"')
  })

  test('ends at once on a second signal', async () => {
    await leaveDigests(1)
    const held = world.digests.holdAnswers()
    const child = world.program.spawn('serve')
    await child.whileAlive(waitUntil('a mail in hand', () => held.count() === 1))
    process.kill(child.pid, 'SIGTERM')
    await waitUntil('the stop to begin', () => child.output().includes('finishing the work in hand'))
    process.kill(child.pid, 'SIGTERM')
    expect(await child.ended).toBe(1)
    held.answer()
  })
})

test('systemd is notified when the service is up and when it stops, and its watchdog is fed', async () => {
  await using systemd = await listenForNotifications()
  const environment = { NOTIFY_SOCKET: systemd.path, WATCHDOG_USEC: '400000' }
  const child = world.program.spawnIn({ environment }, 'serve')
  await child.whileAlive(
    waitUntil('READY=1', () => systemd.messages().some(message => message.startsWith('READY=1'))),
  )
  const fed = () => systemd.messages().filter(message => message === 'WATCHDOG=1').length
  await waitUntil('the watchdog to be fed twice', () => fed() >= 2)
  process.kill(child.pid, 'SIGTERM')
  expect(await child.ended).toBe(0)
  await waitUntil('STOPPING=1', () => systemd.messages().some(message => message.startsWith('STOPPING=1')))
})
