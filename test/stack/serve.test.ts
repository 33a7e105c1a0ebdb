import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { MINUTE } from '../../src/ground/durations.ts'
import { waitUntil } from '../servers/wait.ts'
import { DATABASES } from './databases.ts'
import { digestFor } from './digest-mail.ts'
import { hold, startWorld, type World } from './world.ts'

describe.each(DATABASES)('serve on %s', database => {
  let world: World

  beforeAll(async () => {
    world = await startWorld({ database })
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('collects by itself, delivers the digests that a run left, and stops with status 0', async () => {
    const program = await world.configure({ collect: { every: '1s' } })
    await hold(world, 'alice@example.com', { subject: 'Left' })
    await world.digests.stop()
    await program.command('run')
    await world.digests.start()
    await world.storage.query('UPDATE digest_digest SET next_attempt_at = 0')

    const service = await program.serve()
    await world.digests.waitFor(mail => mail.to.includes('alice@example.com'))
    await hold(world, 'bob@example.com')
    await waitUntil('bob’s message to be collected', async () => {
      const rows = await world.storage.query('SELECT * FROM digest_item WHERE reader = ?', [
        'bob@example.com',
      ])
      return rows.length === 1
    })
    expect(await service.stop()).toBe(0)
    expect(service.log()).toContain('"msg":"stopped"')
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Left'])
  })

  test('finishes the mails in hand before it stops', async () => {
    const readers = Array.from({ length: 60 }, (_, index) => `reader${index}@example.com`)
    await hold(world, readers)
    await world.digests.stop()
    await world.program.command('run')
    await world.digests.start()
    await world.storage.query('UPDATE digest_digest SET next_attempt_at = 0')
    const service = await world.program.serve()
    await waitUntil('the first digests', () => world.digests.mails.length > 0, { every: 2 })
    expect(await service.stop()).toBe(0)

    const sent = await world.storage.query("SELECT reader FROM digest_digest WHERE state = 'sent'")
    expect(sent).toHaveLength(world.digests.mails.length)
    const held = await world.storage.query('SELECT reader FROM digest_digest WHERE lease_owner IS NOT NULL')
    expect(held).toEqual([])
  })
})

describe('serve', () => {
  let world: World

  beforeAll(async () => {
    world = await startWorld()
  })
  beforeEach(() => world.reset())
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('two services together make one run a minute for a schedule due each minute, and one digest', async () => {
    const schedules = [{ name: 'often', cron: '* * * * *', default: true }]
    const programs = [await world.configure({ schedules }), await world.configure({ schedules })]
    await hold(world, 'alice@example.com', { subject: 'Due' })
    const services = await Promise.all(programs.map(program => program.serve()))
    await sinceAMinute(world)
    await world.digests.waitFor(mail => mail.to.includes('alice@example.com'))
    await waitUntil('one of them to have made the run', () =>
      services.some(service => service.log().includes('"msg":"run made"')),
    )
    const statuses = await Promise.all(services.map(service => service.stop()))
    expect(statuses).toEqual([0, 0])
    expect(digestFor(world.digests.mails, 'alice@example.com').subjects).toEqual(['Due'])
    const runs = await world.storage.query<{ schedule: string; due_at: number }>('SELECT * FROM digest_run')
    expect(new Set(runs.map(run => run.due_at)).size).toBe(runs.length)
    for (const run of runs) {
      expect(run.schedule).toBe('often')
      expect(run.due_at % MINUTE).toBe(0)
    }
  })

  test('a changed schedule is followed within ten seconds', async () => {
    await using _service = await world.program.serve()
    await hold(world, 'alice@example.com', { subject: 'Earlier' })
    const changedAt = Date.now()
    await world.storage.query('UPDATE digest_schedule SET crons = ?', ['["* * * * *"]'])
    await sinceAMinute(world)
    await world.digests.waitFor(mail => mail.to.includes('alice@example.com'))
    const [run] = await world.storage.query<{ started_at: number }>('SELECT started_at FROM digest_run')
    expect(Number(run?.started_at) - changedAt).toBeLessThan(10_000)
  })

  test('schedules of the configuration that the table does not have like this are named at the start', async () => {
    const daily = { name: 'daily', cron: '0 6 * * *', timezone: 'Europe/Paris', default: true }
    const first = await world.configure({ schedules: [daily] })
    {
      await using service = await first.serve()
      expect(service.log()).not.toContain('are ignored')
    }
    await first.command('schedules', 'set', 'added', '--cron', '0 9 * * *')
    const edited = await world.configure({
      schedules: [
        { ...daily, cron: ['0  7 * * *', '0 17 * * *'] },
        { name: 'weekly', cron: '0 8 * * 1', timezone: 'UTC' },
      ],
    })
    const commands = [
      'amavis-digest schedules set daily --cron "0 7 * * *" --cron "0 17 * * *" --timezone Europe/Paris --default',
      'amavis-digest schedules set weekly --cron "0 8 * * 1" --timezone UTC',
    ]
    {
      await using service = await edited.serve()
      const [line, ...others] = service
        .log()
        .split('\n')
        .filter(text => text.includes('are ignored'))
      expect(others).toEqual([])
      expect(JSON.parse(line ?? '{}')).toMatchObject({ level: 40, schedules: ['daily', 'weekly'], commands })
    }
    for (const command of commands) {
      const words = (command.match(/"[^"]*"|\S+/g) ?? []).slice(1).map(word => word.replaceAll('"', ''))
      expect(await edited.command(...words)).toMatchObject({ status: 0 })
    }
    await using service = await edited.serve()
    expect(service.log()).not.toContain('are ignored')
  })

  test.each([
    ['smtp.caFile', { caFile: '/nowhere/secret.pem' }],
    ['smtp.dkim.keyFile', { dkim: { domain: 'example.com', selector: 's', keyFile: '/nowhere/secret.pem' } }],
  ])('an unreadable %s stops the service before it listens', async (option, smtp) => {
    const settings = { url: world.digests.url, from: 'quarantine@example.com', ...smtp }
    const program = await world.configure({ smtp: settings })
    const { status, stderr } = await program.command('serve')
    expect(status).toBe(2)
    expect(stderr).toBe(`amavis-digest: ${option}: /nowhere/secret.pem cannot be read.\n`)
  })

  test('a port that is taken is reported', async () => {
    await using _first = await world.program.serve()
    const second = await world.program.command('serve')
    expect(second.status).toBe(1)
    expect(second.stderr).toContain('is it taken? See http.host and http.port.')
  })
})

/** Makes the schedule look as if it had been set a minute ago, so that it is due at once. */
const sinceAMinute = ({ storage }: World) =>
  storage.query('UPDATE digest_schedule SET updated_at = ?', [Date.now() - MINUTE])
