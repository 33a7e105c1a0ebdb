import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import { connect } from '../../src/ground/database/connect.ts'
import type { Answer, Step } from '../../src/ground/directory/directory.ts'
import {
  type IspconfigOptions,
  ispconfigDirectory,
} from '../../src/ground/directory/ispconfig/ispconfig-directory.ts'
import type { IspconfigTables } from '../../src/ground/directory/ispconfig/tables.ts'
import type { CodedError } from '../../src/ground/errors.ts'
import { directoryContract } from '../contracts/directory.ts'
import { asRoot } from '../servers/mariadb.ts'
import { freePort } from '../servers/ports.ts'
import type { MariaDbStorage } from '../servers/storage.ts'
import { addRows, createIspconfig } from './ispconfig-tables.ts'

let tables: MariaDbStorage

beforeAll(async () => {
  tables = await createIspconfig(inject('mariaDb'))
})
beforeEach(() => empty())
afterAll(() => tables?.[Symbol.asyncDispose]())

directoryContract({
  name: 'ispconfig',
  async make({ mailboxes, aliases = {}, recipientDelimiter = '' }) {
    await addDomains(mailboxes.map(({ address }) => address.replace(/.*@/, '')))
    // The panel keeps the language of each client, so each mailbox gets a client of its own.
    for (const [index, { address, isOff = false, name = '', language }] of mailboxes.entries()) {
      const group = 100 + index
      if (language !== undefined) await addRows(tables, 'sys_user', [{ default_group: group, language }])
      await addRows(tables, 'mail_user', [
        { email: address, name, access: isOff ? 'n' : 'y', sys_groupid: group },
      ])
    }
    for (const [source, destinations] of Object.entries(aliases))
      await addRows(tables, 'mail_forwarding', [{ source, destination: destinations.join('\r\n') }])
    const database = connect<IspconfigTables>('directory', tables.url, { connections: 2 })
    return {
      directory: ispconfigDirectory(database, { recipientDelimiter, outsideReaders: [], servers: [] }),
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    }
  },
})

describe('the directory ispconfig, by what ISPConfig’s Postfix does,', () => {
  test('leads from aliases, alias domains, catch-alls and forwards to mailboxes', async () => {
    await addDomains(['example.com', 'example.net', 'catch.example'])
    await addMailboxes('bob@example.com', 'eve@example.com')
    await forward('alias', 'sales@example.com', 'bob@example.com')
    await forward('forward', 'team@example.com', 'eve@example.com, bob@example.com')
    await forward('aliasdomain', '@example.net', '@example.com')
    await forward('catchall', '@catch.example', 'team@example.com')
    expect(await waysOf('sales@example.com')).toEqual([
      'alias sales@example.com > bob@example.com',
      'mailbox bob@example.com > bob@example.com',
    ])
    expect(await readersOf('sales@example.net')).toEqual(['bob@example.com'])
    expect(await waysOf('bob@example.net')).toEqual([
      'aliasdomain bob@example.net > bob@example.com',
      'mailbox bob@example.com > bob@example.com',
    ])
    expect(await waysOf('invented@catch.example')).toEqual([
      'catchall invented@catch.example > team@example.com',
      'forward team@example.com > eve@example.com',
      'mailbox eve@example.com > eve@example.com',
      'forward team@example.com > bob@example.com',
      'mailbox bob@example.com > bob@example.com',
    ])
    expect(await readersOf('nobody@example.net')).toEqual([])
  })

  test('names the row of each step', async () => {
    await addDomains(['example.com'])
    await addRows(tables, 'mail_user', [{ mailuser_id: 7, email: 'bob@example.com' }])
    const row = { forwarding_id: 12, source: 'sales@example.com', destination: 'bob@example.com' }
    await addRows(tables, 'mail_forwarding', [row])
    const { by } = await ask('sales@example.com')
    expect(by.map(step => step.row)).toEqual(['mail_forwarding 12', 'mail_user 7'])
  })

  test('reads destinations however they are separated and spelled', async () => {
    await addDomains(['example.com', 'xn--bcher-kva.example'])
    await addMailboxes('a@example.com', 'b@example.com', 'ü@example.com', 'eve@xn--bcher-kva.example')
    const destination = ' A@Example.COM,b@example.com;\r\nü@example.com\t<eve@bücher.example> /dev/null |cmd'
    await forward('forward', 'all@example.com', destination)
    expect(await readersOf('all@example.com')).toEqual([
      'a@example.com',
      'b@example.com',
      'eve@xn--bcher-kva.example',
      'ü@example.com',
    ])
  })

  test('finds rows whose domain is written in letters', async () => {
    await addDomains(['bücher.example'])
    await addMailboxes('eve@bücher.example')
    await forward('catchall', '@bücher.example', 'eve@bücher.example')
    expect(await readersOf('any@xn--bcher-kva.example')).toEqual(['eve@xn--bcher-kva.example'])
  })

  test.each(['utf8mb3', 'latin1'])(
    'answers where the tables are in %s, whatever letters are asked for',
    async charset => {
      await using old = await createIspconfig(tables.server)
      await asRoot(old.server, `ALTER DATABASE ${old.database} CHARACTER SET ${charset}`)
      for (const table of new Set((await old.columns()).map(({ place }) => place)))
        await asRoot(old.server, `ALTER TABLE ${table} CONVERT TO CHARACTER SET ${charset}`, old.database)
      await addRows(old, 'mail_domain', [{ domain: 'example.com' }])
      await addRows(old, 'mail_user', [{ email: 'jürgen@example.com' }])
      await using database = connect<IspconfigTables>('directory', old.url, { connections: 2 })
      const asked = ['jürgen@example.com', '😀@example.com', 'ж@example.com', '漢@xn--e28h.example']
      const answers = await ispconfigDirectory(database, STANDARD).find(asked)
      const readers = asked.map(address => answers.get(address)?.readers.map(reader => reader.address))
      expect(readers).toEqual([['jürgen@example.com'], [], [], []])
    },
  )

  test('takes no letter for another that the collation holds to be the same', async () => {
    await addDomains(['example.com'])
    await addMailboxes('jurgen@example.com')
    expect(await readersOf('jürgen@example.com')).toEqual([])
  })

  test('keeps the catch-all away from names that a mailbox or another row has', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com', 'eve@example.com')
    await addRows(tables, 'mail_user', [{ email: 'off@example.com', postfix: 'n' }])
    await forward('alias', 'sales@example.com', 'eve@example.com')
    await forward('alias', 'empty@example.com', '')
    await forward('catchall', '@example.com', 'bob@example.com')
    expect(await readersOf('eve@example.com')).toEqual(['eve@example.com'])
    expect(await readersOf('sales@example.com')).toEqual(['eve@example.com'])
    expect(await readersOf('off@example.com')).toEqual(['off@example.com (off)'])
    expect(await readersOf('empty@example.com')).toEqual([])
    expect(await readersOf('other@example.com')).toEqual(['bob@example.com'])
  })

  test('puts an alias before the mailbox of its name, and delivers there what the alias leads back', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com', 'eve@example.com', 'zoe@example.com', 'self@example.com')
    await forward('alias', 'bob@example.com', 'zoe@example.com')
    await forward('forward', 'eve@example.com', 'zoe@example.com eve@example.com')
    await forward('alias', 'self@example.com', 'self@example.com')
    expect(await readersOf('bob@example.com')).toEqual(['zoe@example.com'])
    expect(await readersOf('eve@example.com')).toEqual(['eve@example.com', 'zoe@example.com'])
    expect(await readersOf('self@example.com')).toEqual(['self@example.com'])
  })

  test('counts copies of a mailbox, whoever makes them', async () => {
    await addDomains(['example.com'])
    await addMailboxes('zoe@example.com', 'eve@example.com')
    const cc = 'zoe@example.com\neve@example.com, outside@else.example'
    await addRows(tables, 'mail_user', [
      { email: 'postfix@example.com', cc },
      { email: 'dovecot@example.com', cc, forward_in_lda: 'y', disablesmtp: 'y' },
      { email: 'only@example.com', cc, disabledeliver: 'y' },
      { email: 'none@example.com', cc, disablesmtp: 'y' },
      { email: 'nowhere@example.com', disabledeliver: 'y' },
      { email: 'off@example.com', cc, postfix: 'n' },
    ])
    const copies = ['eve@example.com', 'zoe@example.com']
    expect(await readersOf('postfix@example.com')).toEqual([
      'eve@example.com',
      'postfix@example.com',
      'zoe@example.com',
    ])
    expect(await readersOf('dovecot@example.com')).toEqual(['dovecot@example.com', ...copies])
    expect(await readersOf('only@example.com')).toEqual(copies)
    expect(await readersOf('none@example.com')).toEqual(['none@example.com'])
    expect(await readersOf('nowhere@example.com')).toEqual(['nowhere@example.com (off)'])
    expect(await readersOf('off@example.com')).toEqual(['off@example.com (off)'])
    expect(await waysOf('postfix@example.com')).toContain('cc postfix@example.com > zoe@example.com')
  })

  test('switches off what has no access, gets no mail or is in a domain without mail', async () => {
    await addRows(tables, 'mail_domain', [
      { domain: 'example.com' },
      { domain: 'closed.example', active: 'n' },
    ])
    await addRows(tables, 'mail_user', [
      { email: 'a@example.com', access: 'n' },
      { email: 'b@example.com', postfix: 'n' },
      { email: 'c@closed.example' },
    ])
    await forward('alias', 'all@example.com', 'a@example.com,b@example.com,c@closed.example')
    const off = ['a@example.com (off)', 'b@example.com (off)', 'c@closed.example (off)']
    expect(await readersOf('all@example.com')).toEqual(off)
    expect(await waysOf('a@example.com')).toEqual(['off a@example.com > a@example.com'])
  })

  test('ignores rows that are not active and values that it does not know', async () => {
    const columns = [
      ['mail_forwarding', 'type', 'alias'],
      ['mail_forwarding', 'active', 'n'],
      ['mail_user', 'access', 'y'],
    ]
    for (const [table, column, standard] of columns)
      await alter(`ALTER TABLE ${table} MODIFY ${column} varchar(20) NOT NULL DEFAULT '${standard}'`)
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com')
    await addRows(tables, 'mail_user', [{ email: 'odd@example.com', access: 'maybe' }])
    const destination = 'bob@example.com'
    await addRows(tables, 'mail_forwarding', [
      { source: 'a@example.com', destination, active: 'n' },
      { source: 'b@example.com', destination, active: 'maybe' },
      { source: 'c@example.com', destination, type: 'teleport' },
      { source: 'd@example.com', destination, type: 'catchall' },
    ])
    for (const address of ['a', 'b', 'c', 'd'].map(name => `${name}@example.com`))
      expect(await readersOf(address)).toEqual([])
    expect(await readersOf('odd@example.com')).toEqual(['odd@example.com (off)'])
  })

  test('gives addresses elsewhere no digest, unless the configuration allows it', async () => {
    await addDomains(['example.com'])
    await addRows(tables, 'mail_transport', [{ domain: 'routed.example', transport: 'smtp:[192.0.2.1]' }])
    await addMailboxes('bob@example.com')
    const destination =
      'bob@example.com bob@else.example ann@allowed.example eve@all.example x@routed.example'
    await forward('forward', 'team@example.com', destination)
    expect(await readersOf('team@example.com')).toEqual(['bob@example.com'])
    expect(await waysOf('team@example.com')).toContain('outside bob@else.example > nobody')
    const outsideReaders = ['ann@allowed.example', '@all.example']
    expect(await readersOf('team@example.com', { outsideReaders })).toEqual([
      'ann@allowed.example',
      'bob@example.com',
      'eve@all.example',
    ])
  })

  test('lets recipients read what is relayed to another server, if mail is accepted for them', async () => {
    await addRows(tables, 'mail_relay_domain', [
      { domain: 'some.example' },
      { domain: 'all.example' },
      { domain: 'off.example', active: 'n' },
      { domain: 'bare.example' },
      { domain: 'other.example', server_id: 2 },
    ])
    await addRows(tables, 'mail_relay_recipient', [
      { source: 'bob@some.example' },
      { source: 'no@some.example', active: 'n' },
      { source: '@all.example' },
      { source: 'no@all.example', access: 'REJECT' },
      { source: '@off.example' },
      { source: 'no@other.example', server_id: 1 },
    ])
    expect(await readersOf('bob@some.example')).toEqual(['bob@some.example'])
    for (const address of ['bob+x@some.example', 'bob+x@all.example'])
      expect(await readersOf(address, { recipientDelimiter: '+' })).toEqual([address.replace('+x', '')])
    expect(await waysOf('bob@all.example')).toEqual(['relay bob@all.example > bob@all.example'])
    // Without any row for the domain, nothing says that it is not for everybody there.
    expect((await ask('bob@bare.example')).by).toEqual([
      {
        is: 'relay',
        from: 'bob@bare.example',
        to: 'bob@bare.example',
        row: 'mail_relay_domain bare.example',
      },
    ])
    expect(await readersOf('bob+x@bare.example', { recipientDelimiter: '+' })).toEqual(['bob@bare.example'])
    expect(await readersOf('bob@other.example')).toEqual(['bob@other.example'])
    for (const address of ['no@some.example', 'eve@some.example', 'no@all.example', 'bob@off.example'])
      expect(await readersOf(address)).toEqual([])
  })

  test('gives mailing lists and their own addresses no reader', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com', 'news@example.com')
    await addRows(tables, 'mail_mailinglist', [{ domain: 'example.com', listname: 'News' }])
    await forward('alias', 'press@example.com', 'news@example.com')
    await forward('catchall', '@example.com', 'bob@example.com')
    for (const name of [
      'news',
      'news-owner',
      'news-request',
      'news-bounces',
      'news-bounces+eve=else.example',
      'press',
    ])
      expect(await readersOf(`${name}@example.com`)).toEqual([])
    expect(await readersOf('news-letter@example.com')).toEqual(['bob@example.com'])
    expect(await waysOf('news@example.com')).toEqual(['list news@example.com > nobody'])
  })

  test('drops an extension in the order in which Postfix does', async () => {
    await addDomains(['example.com', 'example.net'])
    await addMailboxes('bob@example.com', 'eve@example.com', 'all@example.com')
    await forward('alias', 'bob+x@example.com', 'eve@example.com')
    await forward('alias', 'sales@example.com', 'eve@example.com')
    await forward('catchall', '@example.com', 'all@example.com')
    await forward('aliasdomain', '@example.net', '@example.com')
    const readers = (address: string) => readersOf(address, { recipientDelimiter: '+' })
    expect(await readers('bob+x@example.com')).toEqual(['eve@example.com'])
    expect(await readers('bob+y@example.com')).toEqual(['bob@example.com'])
    expect(await readers('sales+y@example.com')).toEqual(['eve@example.com'])
    expect(await readers('other+y@example.com')).toEqual(['all@example.com'])
    expect(await readers('bob+y@example.net')).toEqual(['bob@example.com'])
  })

  test('counts rows on the servers that have the domain', async () => {
    await addRows(tables, 'mail_domain', [
      { domain: 'one.example', server_id: 1 },
      { domain: 'two.example', server_id: 2 },
      { domain: 'moved.example', server_id: 1, active: 'n' },
      { domain: 'moved.example', server_id: 2 },
    ])
    await addRows(tables, 'mail_user', [
      { email: 'bob@one.example', server_id: 1 },
      { email: 'eve@two.example', server_id: 2 },
      { email: 'zoe@moved.example', server_id: 1, postfix: 'n' },
      { email: 'zoe@moved.example', server_id: 2 },
    ])
    await addRows(tables, 'mail_forwarding', [
      { source: 'sales@one.example', destination: 'eve@two.example', server_id: 1 },
      { source: 'info@one.example', destination: 'bob@one.example', server_id: 2 },
    ])
    expect(await readersOf('sales@one.example')).toEqual(['eve@two.example'])
    expect(await readersOf('info@one.example')).toEqual([])
    expect(await readersOf('zoe@moved.example')).toEqual(['zoe@moved.example'])
    expect(await readersOf('bob@one.example', { servers: [1] })).toEqual(['bob@one.example'])
    expect(await readersOf('eve@two.example', { servers: [1] })).toEqual([])
    expect(await readersOf('sales@one.example', { servers: [1] })).toEqual([])
  })

  test('asks the server that hosts a domain, not one that relays mail to it', async () => {
    await addRows(tables, 'mail_relay_domain', [{ domain: 'hosted.example', server_id: 1 }])
    await addRows(tables, 'mail_relay_recipient', [{ source: '@hosted.example', server_id: 1 }])
    await addRows(tables, 'mail_domain', [{ domain: 'hosted.example', server_id: 2 }])
    await addRows(tables, 'mail_user', [{ email: 'bob@hosted.example', server_id: 2 }])
    expect(await waysOf('bob@hosted.example')).toEqual(['mailbox bob@hosted.example > bob@hosted.example'])
    expect(await waysOf('invented@hosted.example')).toEqual(['unknown invented@hosted.example > nobody'])
    expect(await readersOf('bob@hosted.example', { servers: [1] })).toEqual(['bob@hosted.example'])
  })

  test('knows an alias domain that is no domain of mailboxes', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com')
    await forward('aliasdomain', '@only.example', '@example.com')
    expect(await readersOf('bob@only.example')).toEqual(['bob@example.com'])
    expect(await waysOf('bob@else.example')).toEqual(['outside bob@else.example > nobody'])
  })

  test('ends in loops, in nothing and in far too much', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com')
    await forward('alias', 'a@example.com', 'b@example.com, bob@example.com')
    await forward('alias', 'b@example.com', 'a@example.com')
    await forward('alias', 'nothing@example.com', ' ,\n')
    await forward('alias', 'missing@example.com', 'nobody@example.com')
    await forward('alias', 'itself@example.com', 'itself@example.com')
    const many = Array.from({ length: 10_000 }, (_, index) => `m${index}@example.com`)
    await alter('ALTER TABLE mail_forwarding MODIFY destination mediumtext')
    await forward('forward', 'many@example.com', many.join(','))
    await forward('alias', 'to-many@example.com', 'many@example.com')
    for (let link = 0; link < 200; link += 1)
      await forward(
        'alias',
        `link${link}@example.com`,
        link === 199 ? 'bob@example.com' : `link${link + 1}@example.com`,
      )
    expect(await readersOf('a@example.com')).toEqual(['bob@example.com'])
    expect(await waysOf('a@example.com')).toContain('loop a@example.com > nobody')
    expect(await waysOf('nothing@example.com')).toEqual(['alias nothing@example.com > nobody'])
    expect((await waysOf('missing@example.com')).at(-1)).toBe('unknown nobody@example.com > nobody')
    expect((await waysOf('itself@example.com')).at(-1)).toBe('unknown itself@example.com > nobody')
    expect(await waysOf('many@example.com')).toEqual(['too-many many@example.com > nobody'])
    expect(await readersOf('to-many@example.com')).toEqual([])
    expect(await waysOf('link0@example.com')).toEqual(['too-many link0@example.com > nobody'])
    expect(await readersOf('link150@example.com')).toEqual(['bob@example.com'])
  })

  test('tells the language of the panel’s user, else of the client, and the client’s name', async () => {
    await addDomains(['example.com'])
    await addRows(tables, 'client', [
      { client_id: 1, company_name: 'Example Ltd', contact_name: 'Ann', language: 'de' },
      { client_id: 2, company_name: '', contact_name: 'Zoe \u202e Z', language: 'cz' },
    ])
    await addRows(tables, 'sys_group', [
      { groupid: 11, client_id: 1 },
      { groupid: 12, client_id: 2 },
      { groupid: 13, client_id: 0 },
    ])
    await addRows(tables, 'sys_user', [
      { default_group: 11, language: 'br' },
      { default_group: 11, language: 'fr' },
      { default_group: 13, language: 'se' },
    ])
    await addRows(tables, 'mail_user', [
      { email: 'bob@example.com', sys_groupid: 11 },
      { email: 'zoe@example.com', sys_groupid: 12 },
      { email: 'admin@example.com', sys_groupid: 13 },
      { email: 'none@example.com', sys_groupid: 14 },
    ])
    const facts = async (address: string) => (await ask(address)).readers[0]
    expect(await facts('bob@example.com')).toMatchObject({ language: 'pt-BR', client: 'Example Ltd' })
    expect(await facts('zoe@example.com')).toMatchObject({ language: 'cs', client: 'Zoe Z' })
    expect(await facts('admin@example.com')).toMatchObject({ language: 'sv' })
    expect((await facts('none@example.com'))?.language).toBeUndefined()
  })
})

describe('the directory ispconfig, where it may not or cannot read the tables,', () => {
  test('names every GRANT that it needs, and works with those alone', async () => {
    await addDomains(['example.com'])
    await addMailboxes('bob@example.com')
    await using account = await accountWith('SELECT (domain_id) ON', 'mail_domain')
    const refused = await account.find('bob@example.com').catch((error: CodedError) => error)
    expect(refused).toMatchObject({ code: 'DIRECTORY_REFUSED' })
    const grants = String(refused).match(/GRANT [^;]*;/g) ?? []
    expect(grants).toHaveLength(9)
    for (const grant of grants) await asRoot(tables.server, grant)
    await forward('aliasdomain', '@example.net', '@example.com')
    expect((await account.find('bob@example.net'))?.readers).toMatchObject([{ address: 'bob@example.com' }])
    await addRows(tables, 'mail_relay_domain', [{ domain: 'relayed.example' }])
    expect((await account.find('bob@relayed.example'))?.readers).toHaveLength(1)
    for (const secret of [
      'password FROM mail_user',
      'passwort FROM sys_user',
      'dkim_private FROM mail_domain',
    ])
      await expect(account.query(`SELECT ${secret}`), secret).rejects.toThrow(/may not SELECT/)
  })

  test('says what to do about a wrong password, and about tables that are not those of ISPConfig 3.2', async () => {
    const url = new URL(tables.url)
    url.password = 'wrong'
    await expect(findAt(url.href, 'bob@example.com')).rejects.toMatchObject({
      code: 'DIRECTORY_REFUSED',
      message: expect.stringContaining('wrong user or password'),
    })
    await using old = await createIspconfig(tables.server)
    await asRoot(old.server, 'DROP TABLE mail_relay_domain', old.database)
    await expect(findAt(old.url, 'bob@example.com')).rejects.toMatchObject({
      code: 'DIRECTORY_REFUSED',
      message: expect.stringMatching(/no tables of ISPConfig 3\.2 or later: .*mail_relay_domain/),
    })
    await using older = await createIspconfig(tables.server)
    await addRows(older, 'mail_domain', [{ domain: 'example.com' }])
    await asRoot(older.server, 'ALTER TABLE mail_user DROP COLUMN disablesmtp', older.database)
    await expect(findAt(older.url, 'bob@example.com')).rejects.toMatchObject({
      code: 'DIRECTORY_REFUSED',
      message: expect.stringMatching(/no tables of ISPConfig 3\.2 or later: .*disablesmtp/),
    })
  })

  test('says that the server is away', async () => {
    const port = await freePort()
    await expect(
      findAt(`mysql://user:secret@127.0.0.1:${port}/dbispconfig`, 'bob@example.com'),
    ).rejects.toMatchObject({
      code: 'DIRECTORY_UNREACHABLE',
      message: expect.not.stringContaining('secret'),
    })
  })
})

async function findAt(url: string, address: string): Promise<Answer | undefined> {
  await using database = connect<IspconfigTables>('directory', url, { connections: 2 })
  const answers = await ispconfigDirectory(database, STANDARD).find([address])
  return answers.get(address)
}

/** A user who has one right in the database of the tests. */
async function accountWith(right: string, table: string) {
  const name = `reader_${randomBytes(5).toString('hex')}`
  await asRoot(
    tables.server,
    `GRANT ${right} ${tables.database}.${table} TO ${name}@'127.0.0.1' IDENTIFIED BY '${name}'`,
  )
  const url = `mysql://${name}:${name}@127.0.0.1:${tables.server.port}/${tables.database}`
  return {
    find: (address: string) => findAt(url, address),
    async query(statement: string) {
      await using database = connect<unknown>('directory', url, { connections: 1 })
      await sql.raw(statement).execute(database.sql)
    },
    async [Symbol.asyncDispose]() {
      await asRoot(tables.server, `DROP USER ${name}@'127.0.0.1'`)
    },
  }
}

const STANDARD: IspconfigOptions = { recipientDelimiter: '', outsideReaders: [], servers: [] }

const ask = async (address: string, options: Partial<IspconfigOptions> = {}) => {
  await using database = connect<IspconfigTables>('directory', tables.url, { connections: 2 })
  const answers = await ispconfigDirectory(database, { ...STANDARD, ...options }).find([address])
  const answer = answers.get(address)
  if (!answer) throw new Error(`no answer for ${address}`)
  return answer
}

async function readersOf(address: string, options?: Partial<IspconfigOptions>): Promise<string[]> {
  const { readers } = await ask(address, options)
  return readers.map(reader => (reader.isOff ? `${reader.address} (off)` : reader.address))
}

async function waysOf(address: string): Promise<string[]> {
  const inWords = ({ is, from, to }: Step) => `${is} ${from} > ${to ?? 'nobody'}`
  return (await ask(address)).by.map(inWords)
}

const addDomains = (domains: readonly string[]) =>
  addRows(
    tables,
    'mail_domain',
    [...new Set(domains)].map(domain => ({ domain })),
  )

const addMailboxes = (...emails: readonly string[]) =>
  addRows(
    tables,
    'mail_user',
    emails.map(email => ({ email })),
  )

const forward = (type: string, source: string, destination: string) =>
  addRows(tables, 'mail_forwarding', [{ type, source, destination }])

async function empty(): Promise<void> {
  for (const table of new Set((await tables.columns()).map(({ place }) => place)))
    await alter(`DELETE FROM ${table}`)
}

const alter = (statement: string) => asRoot(tables.server, statement, tables.database)
