import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import type { App } from '../../src/doors/app.ts'
import { loadConfig } from '../../src/ground/config/load.ts'
import { adminOf, signedIn } from '../embedded/viewers.ts'
import { type HeldRow, heldRows } from '../servers/held.ts'
import { SERVERS } from './databases.ts'
import { digestFor } from './digest-mail.ts'
import { FORM, follow, JSON_ONLY } from './follow.ts'
import type { Service } from './program.ts'
import { hold, runJson, startWorld, type World } from './world.ts'

const ALICE = 'alice@example.com'
const PLAIN = { confirmed: false, again: false }

describe.each(SERVERS)('on %s', database => {
  let world: World
  let service: Service
  /** Another process that answers HTTP would call this. */
  let app: App

  beforeAll(async () => {
    world = await startWorld({ database, settings: { admins: [adminOf().actor.name] } })
    service = await world.program.serve()
    app = await createApp(
      loadConfig(world.program.configFile, {}, () => {}),
      {
        log: pino({ enabled: false }),
        clock: Date.now,
      },
    )
  })
  beforeEach(() => world.reset())
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await service?.stop()
    await world?.[Symbol.asyncDispose]()
  })

  test('a hundred tabs in two processes, signed in and by a link, get one copy of a message', async () => {
    const [row] = await hold(world, ALICE, { subject: 'Eager' })
    await runJson(world.program, '--recipient', ALICE)
    const link = digestFor(world.digests.mails, ALICE).release('Eager')
    const tabs = Array.from({ length: 100 }, async (_, tab) => {
      if (tab % 2 === 0) return (await app.quarantine.release(signedIn(ALICE), refOf(row), PLAIN)).status
      const answer = await follow(service, link, { method: 'POST', headers: { ...JSON_ONLY, ...FORM } })
      return answer.json?.status
    })
    const told = await Promise.all(tabs)
    expect(told.filter(status => status === 'released')).toHaveLength(1)
    expect(told.filter(status => status === 'already-released')).toHaveLength(99)
    expect(world.mta.mails.map(({ to }) => to)).toEqual([[ALICE]])
    expect(await states()).toEqual(['R'])
  })

  test('a message from before this program was there is released by hand, deleted and restored', async () => {
    const [mine, theirs] = await hold(world, [ALICE, 'bob@example.com'], { subject: 'Old' })
    const day = 86_400
    await world.storage.query(`UPDATE msgs SET time_num = time_num - ${20 * day}`)
    const { quarantine } = app
    expect(await quarantine.delete(signedIn(ALICE), refOf(mine))).toEqual({ status: 'deleted' })
    expect(await states()).toEqual(['D', ''])
    await expect(quarantine.release(signedIn(ALICE), refOf(mine), PLAIN)).rejects.toMatchObject({
      code: 'MESSAGE_GONE',
    })
    await expect(quarantine.delete(signedIn(ALICE), refOf(theirs))).rejects.toMatchObject({
      code: 'HELD_UNKNOWN',
    })
    expect(await quarantine.restore(signedIn(ALICE), refOf(mine))).toEqual({ status: 'restored' })
    expect(await quarantine.release(signedIn(ALICE), refOf(mine), PLAIN)).toMatchObject({
      status: 'released',
    })
    expect(await states()).toEqual(['R', ''])
    const live = await quarantine.releaseStates(adminOf(), refOf(mine))
    expect(live.get(refOf(mine))).toMatchObject({ is: 'released', reply: expect.stringContaining('250') })
    expect(world.mta.mails.map(({ to }) => to)).toEqual([[ALICE]])
    expect(await runJson(world.program, '--recipient', ALICE)).toMatchObject({ digests: 0 })
  })

  test('all that match are released in the background, also if the process is killed meanwhile', async () => {
    const recipients = Array.from({ length: 20 }, (_, index) => `reader${index}@example.com`)
    await hold(world, recipients, { subject: 'For all of them' })
    const list = { search: SEARCH, order: 'date', direction: 'descending', limit: 25 } as const
    const of = { search: list, at: Date.now() + 1000 }
    const admin = adminOf()
    const id = await app.quarantine.beginBulk(admin, { act: 'release', of, confirmed: false })
    const progress = () => app.quarantine.bulk(admin, id)
    await expect
      .poll(async () => (await progress()).done, { interval: 5, timeout: 10_000 })
      .toBeGreaterThan(2)
    await service.kill()
    expect((await progress()).done).toBeLessThan(20)
    service = await world.program.serve()
    await expect.poll(async () => (await progress()).isOver, { timeout: 20_000 }).toBe(true)
    const { outcomes, total } = await progress()
    expect(total).toBe(20)
    const delivered = world.mta.mails.flatMap(({ to }) => to)
    expect(new Set(delivered).size).toBe(delivered.length)
    // Of one that was in hand when the process died, nobody knows for a while whether it was delivered.
    const inDoubt = outcomes.filter(({ status }) => status === 'queued')
    expect(inDoubt.length).toBeLessThanOrEqual(2)
    const released = outcomes.filter(({ status }) => status.endsWith('released'))
    expect(released.length + inDoubt.length).toBe(20)
  })

  const states = async () => (await heldRows(world.storage)).map(({ rs }) => rs.trim())
})

const SEARCH = { texts: [], kinds: [], states: [], scores: [], sizes: [] }

const refOf = (row: HeldRow | undefined): string => {
  if (!row) throw new Error('nothing is held')
  return `${row.partition_tag}.${row.mail_id}.${row.rseqnum}`
}
