import { createHash } from 'node:crypto'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { SIGN_IN_LIMITS } from '../../src/composition/sign-ins-of.ts'
import type { Database } from '../../src/ground/database/database.ts'
import type { People, SignedIn } from '../../src/ground/sign-in/people.ts'
import { createSignIns } from '../../src/ground/sign-in/sign-ins.ts'
import { MIGRATIONS, migrate } from '../../src/ground/state/migrate.ts'
import type { StateTables } from '../../src/ground/state/state-tables.ts'
import { adminsOf } from '../../src/rules/reach/admins.ts'
import { recordingRefusals } from '../embedded/recording-refusals.ts'
import type { StateDatabaseMaker } from './state-database.ts'

const NOW = Date.UTC(2026, 2, 11, 5)
const ADDRESS = 'root@example.com'
const FROM = '192.0.2.1'
const BROWSER = 'browser'

/** How our tables keep the sign-ins of admins and readers apart, on every database. */
export function signInKindsContract(maker: StateDatabaseMaker): void {
  describe(`sign-ins of two kinds in ${maker.name}`, () => {
    let state: Database<StateTables>
    let close: () => Promise<void>

    beforeEach(async () => {
      ;({ state, close } = await maker.open())
    })
    afterEach(() => close())

    test('links and sessions of one address work for their own kind, and not for the other', async () => {
      await migrate(state)
      const [admins, readers] = bothKinds()
      const [adminLink, readerLink] = [await admins.ask(), await readers.ask()]
      for (const [own, other] of [
        [adminLink, readers],
        [readerLink, admins],
      ] as const) {
        await expect(other.signIns.openLink(own, BROWSER)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
        await expect(other.enter(own)).rejects.toMatchObject({ code: 'SIGN_IN_FAILED' })
      }
      const [admin, reader] = [await admins.enter(adminLink), await readers.enter(readerLink)]
      expect(await admins.signIns.personOf(admin)).toMatchObject({ kind: 'admin', address: ADDRESS })
      expect(await readers.signIns.personOf(reader)).toMatchObject({ kind: 'reader', address: ADDRESS })
      expect(await admins.signIns.personOf(reader)).toBeUndefined()
      expect(await readers.signIns.personOf(admin)).toBeUndefined()
      const audit = await state.sql.selectFrom('digest_audit').select(['actor_kind', 'action']).execute()
      expect(audit.map(row => `${row.actor_kind} ${row.action}`).sort()).toEqual([
        'admin sign-in',
        'admin sign-in-ask',
        'reader sign-in',
        'reader sign-in-ask',
      ])
    })

    test('signing out, on one device or everywhere, does not affect the other kind', async () => {
      await migrate(state)
      const [admins, readers] = bothKinds()
      const [admin, reader] = [
        await admins.enter(await admins.ask()),
        await readers.enter(await readers.ask()),
      ]
      const [adminLink, readerLink] = [await admins.ask(), await readers.ask()]
      await readers.signIns.signOut(admin, readers.person, FROM)
      await admins.signIns.signOut(reader, admins.person, FROM)
      await readers.signIns.signOutEverywhere(readers.person, FROM)
      expect(await readers.signIns.personOf(reader)).toBeUndefined()
      expect(await admins.signIns.personOf(admin)).toMatchObject({ address: ADDRESS })
      await admins.signIns.openLink(adminLink, BROWSER)
      await expect(readers.signIns.openLink(readerLink, BROWSER)).rejects.toThrow('sign-in link')
    })

    test('links that strangers ask for use up only the limits of their own kind', async () => {
      await migrate(state)
      const [admins, readers] = bothKinds()
      await admins.enter(await admins.ask('known'), 'known')
      for (let count = 1; count <= 20; count += 1) await readers.ask(`stranger ${count}`, `192.0.${count}.1`)
      // A browser that is known as an admin's counts as a stranger among readers.
      await readers.ask('known', '192.0.99.1')
      expect(readers.sent()).toBe(SIGN_IN_LIMITS.unusedLinks.beforeStrangers)
      await admins.ask()
      expect(admins.sent()).toBe(2)
    })

    test('rows of an older version belong to an admin, written before or after the migration', async () => {
      await migrate(state, MIGRATIONS.slice(0, 3))
      await writeAsBefore('before')
      expect(await migrate(state)).toContain('0004-sign-in-kinds')
      await writeAsBefore('after')
      const [admins, readers] = bothKinds()
      for (const secret of ['before', 'after']) {
        expect(await admins.signIns.personOf(secret)).toMatchObject({ kind: 'admin', address: ADDRESS })
        expect(await readers.signIns.personOf(secret)).toBeUndefined()
        await expect(readers.enter(secret)).rejects.toThrow('sign-in link')
        await admins.enter(secret)
      }
      for (const table of ['digest_session', 'digest_sign_in'] as const) {
        const nobody = state.sql.updateTable(table).set({ kind: null as never })
        await expect(nobody.execute()).rejects.toThrow()
      }
    })

    test('an older version finds the rows of admins but never those of readers, whatever the cookie says', async () => {
      await migrate(state)
      const [admins, readers] = bothKinds()
      const [adminLink, readerLink] = [await admins.ask(), await readers.ask()]
      const [admin, reader] = [await admins.enter(adminLink), await readers.enter(readerLink)]
      expect(await foundAsBefore('digest_session', 'session_hash', admin)).toBe(1)
      expect(await foundAsBefore('digest_sign_in', 'token_hash', adminLink)).toBe(1)
      for (const [table, key, secret] of [
        ['digest_session', 'session_hash', reader],
        ['digest_sign_in', 'token_hash', readerLink],
      ] as const) {
        expect(await foundAsBefore(table, key, secret)).toBe(0)
        expect(await foundAsBefore(table, key, `reader:${secret}`)).toBe(0)
      }
    })

    test('the kind in the row decides, even if the hash has no prefix', async () => {
      await migrate(state)
      await writeAsBefore('secret')
      await state.sql.updateTable('digest_session').set({ kind: 'reader' }).execute()
      await state.sql.updateTable('digest_sign_in').set({ kind: 'reader' }).execute()
      const [admins] = bothKinds()
      expect(await admins.signIns.personOf('secret')).toBeUndefined()
      await expect(admins.signIns.openLink('secret', BROWSER)).rejects.toThrow('sign-in link')
      await expect(admins.enter('secret')).rejects.toThrow('sign-in link')
    })

    /** An admin and a reader with one address, who sign in through the same tables. */
    const bothKinds = () => [signInsFor(ADMINS), signInsFor(READERS)] as const

    function signInsFor<Person extends SignedIn>({ people, person }: Kind<Person>) {
      const tokens: string[] = []
      const signIns = createSignIns({
        state,
        clock: () => NOW,
        people,
        limits: SIGN_IN_LIMITS,
        refusals: recordingRefusals(),
        log: pino({ level: 'silent' }),
        mailLink: async ({ token }) => void tokens.push(token),
      })
      return {
        signIns,
        person,
        sent: () => tokens.length,
        async ask(browser = BROWSER, remoteAddress = FROM) {
          signIns.askForLink({ address: ADDRESS, browser, remoteAddress, languages: [] })
          // Resolves once the link has been mailed.
          await signIns[Symbol.asyncDispose]()
          return tokens.at(-1) ?? ''
        },
        enter: (token: string, browser = BROWSER) =>
          signIns.signIn(token, browser, { session: undefined, remoteAddress: FROM }),
      }
    }

    /** Writes a session and a link with the columns of version 3 of the tables. */
    async function writeAsBefore(secret: string): Promise<void> {
      const common = { admin: ADDRESS, created_at: NOW, expires_at: NOW + 1000 }
      const session = { ...common, session_hash: bareHash(secret), seen_at: NOW }
      const link = { ...common, token_hash: bareHash(secret), browser_hash: bareHash(BROWSER), used_at: null }
      await state.sql
        .insertInto('digest_session')
        .values(session as never)
        .execute()
      await state.sql
        .insertInto('digest_sign_in')
        .values(link as never)
        .execute()
    }

    /** How many rows the previous version finds by a secret. */
    async function foundAsBefore(table: 'digest_session' | 'digest_sign_in', key: string, secret: string) {
      const rows = await state.sql
        .selectFrom(table)
        .select('admin')
        .where(state.sql.dynamic.ref(key), '=', bareHash(secret))
        .execute()
      return rows.length
    }
  })
}

interface Kind<Person extends SignedIn> {
  readonly people: People<Person>
  readonly person: Person
}

const READER = { kind: 'reader', address: ADDRESS, mailTo: ADDRESS } as const
const findReader = async (address: string) => (address === ADDRESS ? READER : undefined)
const READERS: Kind<typeof READER> = {
  people: { kind: 'reader', find: findReader, still: findReader, vouchedFor: () => undefined },
  person: READER,
}

const ADMINS = {
  people: adminsOf([{ address: ADDRESS }]),
  person: {
    kind: 'admin',
    address: ADDRESS,
    mailTo: ADDRESS,
    reach: undefined,
    may: ['read', 'release', 'decide', 'senders', 'learn', 'download', 'virus'],
    role: 'admin',
  },
} as const

/** The hash of a secret in versions without kinds. */
const bareHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url')
