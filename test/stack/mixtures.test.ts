import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { heldRows } from '../servers/held.ts'
import { type ServedWorld, startServedWorld } from './served-world.ts'
import type { WorldOptions } from './world.ts'

/** Combinations of amavis's database and schema with the database of our tables. */
const MIXTURES: readonly (WorldOptions & { readonly what: string })[] = [
  { what: 'amavis on MariaDB, ours on PostgreSQL', database: 'mariadb', state: 'postgres' },
  { what: 'amavis on PostgreSQL, ours on SQLite', database: 'postgres', state: 'sqlite' },
  { what: 'amavis on SQLite, ours on MariaDB', database: 'sqlite', state: 'mariadb' },
  {
    what: 'ids and addresses as characters on MariaDB, and time_iso as a timestamp',
    database: 'mariadb',
    schema: { characters: true, timestamp: true },
  },
  {
    what: 'ids and addresses as characters on PostgreSQL',
    database: 'postgres',
    schema: { characters: true },
  },
  {
    what: 'addresses as text on SQLite, without 8-bit addresses in amavisd',
    database: 'sqlite',
    amavisd: { allow8BitAddresses: false },
  },
]

describe.each(MIXTURES)('$what', ({ what, ...options }) => {
  let world: ServedWorld

  beforeAll(async () => {
    world = await startServedWorld(options)
  })
  afterAll(() => world?.[Symbol.asyncDispose]())

  test('held mail is listed once, a click delivers one copy, and all tables agree', async () => {
    const both = ['Alice@example.com', "o'neil@example.com"]
    const { subjects, release } = await world.digestOf(both, { subject: 'Grüße' })
    expect(subjects).toEqual(['Grüße'])
    expect(await world.post(release('Grüße'))).toMatchObject({ status: 200, json: { status: 'released' } })
    expect(await world.post(release('Grüße'))).toMatchObject({ json: { status: 'already-released' } })

    expect(world.mta.mails.map(mail => mail.to)).toEqual([['alice@example.com']])
    expect((await heldRows(world.storage)).map(row => [row.email, row.rs.trim()])).toEqual([
      ['alice@example.com', 'R'],
      ["o'neil@example.com", ''],
    ])
    expect(await world.state.query('SELECT state FROM digest_release')).toEqual([{ state: 'released' }])
    expect((await world.audit()).map(row => row.outcome)).toEqual(['released', 'already-released'])

    world.digests.clear()
    expect(await world.run()).toEqual({ digests: 1, items: 1, sent: 1, failed: 0 })
    expect(world.digests.mails.map(mail => mail.to)).toEqual([["o'neil@example.com"]])
  })

  test('our tables are where they should be, and nowhere else', async () => {
    const places = async (storage: ServedWorld['storage']) =>
      new Set((await storage.columns()).map(column => column.place.replace(/^digest_.*/, 'digest_')))
    const amavis = ['maddr', 'msgs', 'msgrcpt', 'quarantine']
    const ours = ['digest_']
    expect(await places(world.state)).toEqual(new Set(options.state ? ours : [...amavis, ...ours]))
    expect(await places(world.storage)).toEqual(new Set(options.state ? amavis : [...amavis, ...ours]))
  })
})
