import type { Kysely } from 'kysely'
import { domainOf, readerAddress } from '../reader-address.ts'
import { destinationsIn } from './destinations.ts'
import { type Domain, findDomains } from './domains.ts'
import { byServer, forwardingsIn, type SourcesByServer, sourceOf } from './forwardings.ts'
import { rowsWith } from './keys.ts'
import { type MailboxRow, NO_DOMAIN, noRows } from './rows.ts'
import type { IspconfigTables } from './tables.ts'
import type { LookUp } from './walk.ts'

/**
 * Looks addresses up in ISPConfig's tables. Each domain is looked up once, so what is returned serves one question to
 * the directory. A round takes two statements for each server and 500 addresses, and four for 500 new domains, or
 * five if some of them are relayed.
 *
 * @param servers only these; empty: all
 */
export function lookUpIn(sql: Kysely<IspconfigTables>, servers: readonly number[]): LookUp {
  const domains = new Map<string, Domain>()
  return async addresses => {
    const unknown = new Set(addresses.map(domainOf).filter(domain => !domains.has(domain)))
    if (unknown.size > 0)
      for (const [name, domain] of await findDomains(sql, [...unknown], servers)) domains.set(name, domain)
    const domainFor = (address: string) => domains.get(domainOf(address)) ?? NOWHERE
    const atServers = byServer(addresses.map(address => [address, domainFor(address).servers]))
    const relayed = byServer(addresses.map(address => [address, domainFor(address).relays]))
    const [forwardings, mailboxes, relays] = await Promise.all([
      forwardingsIn(sql, atServers),
      mailboxesIn(sql, atServers, domainFor),
      relaysIn(sql, relayed),
    ])
    return new Map(
      addresses.map(address => [
        address,
        {
          ...noRows(domainFor(address).rows),
          // A row of another kind has no meaning for an address.
          forwards: (forwardings.get(address) ?? []).filter(({ is }) => is === 'alias' || is === 'forward'),
          mailbox: mailboxes.get(address),
          relay: relayOf(relays, address) ?? relayOfAll(address, domainFor(address)),
        },
      ]),
    )
  }
}

const NOWHERE: Domain = { rows: NO_DOMAIN, servers: [], relays: [], relaysAll: false, isActive: false }

async function mailboxesIn(
  sql: Kysely<IspconfigTables>,
  asked: SourcesByServer,
  domainFor: (address: string) => Domain,
): Promise<ReadonlyMap<string, MailboxRow>> {
  const found = new Map<string, MailboxRow>()
  for (const [server, addresses] of asked) {
    const wanted = new Set(addresses)
    for (const row of await rowsWith(addresses, keys => mailboxRows(sql, server, keys))) {
      const address = readerAddress(row.email)
      if (address === undefined || !wanted.has(address)) continue
      const other = found.get(address)
      if (!other || other.isOff) found.set(address, mailboxOf(row, domainFor(address).isActive))
    }
  }
  return found
}

const mailboxRows = (sql: Kysely<IspconfigTables>, server: number, keys: readonly string[]) =>
  sql
    .selectFrom('mail_user')
    .select(['mailuser_id', 'sys_groupid', 'email', 'name', 'cc', 'forward_in_lda'])
    .select(['access', 'postfix', 'disabledeliver', 'disablesmtp'])
    .where('server_id', '=', server)
    .where('email', 'in', keys)
    .execute()

type MailUser = Awaited<ReturnType<typeof mailboxRows>>[number]

/**
 * Copies are made while the mailbox gets mail: by `mysql-virtual_email2email.cf` before delivery, or by Dovecot after
 * it (`forward_in_lda`). Without delivery (`disabledeliver`) the copies are all there is. Some versions of ISPConfig
 * make them of a mailbox that gets no mail, too; nobody is told of those.
 */
function mailboxOf(row: MailUser, isActive: boolean): MailboxRow {
  const isReceiving = isActive && row.postfix === 'y'
  const isKept = isReceiving && row.disabledeliver !== 'y'
  const copiedByDovecot = isKept && row.forward_in_lda === 'y'
  const isCopied = copiedByDovecot || row.disablesmtp !== 'y'
  const copies = isReceiving && isCopied ? destinationsIn(row.cc) : []
  return {
    row: `mail_user ${row.mailuser_id}`,
    isOff: !isKept || row.access !== 'y',
    onlyCopies: !isKept && copies.length > 0,
    copies,
    copiedByDovecot,
    name: row.name,
    group: row.sys_groupid,
  }
}

/**
 * The addresses and `@domain`s of relayed domains for which there is a row, with the row if it lets mail in. There is no
 * index.
 */
async function relaysIn(
  sql: Kysely<IspconfigTables>,
  asked: SourcesByServer,
): Promise<ReadonlyMap<string, string | undefined>> {
  const found = new Map<string, string | undefined>()
  for (const [server, addresses] of asked) {
    const sources = new Set([...addresses, ...addresses.map(address => `@${domainOf(address)}`)])
    for (const row of await rowsWith([...sources], keys => relayRows(sql, server, keys))) {
      const isIn = row.access.toUpperCase() === 'OK'
      const name = isIn ? `mail_relay_recipient ${row.relay_recipient_id}` : undefined
      found.set(sourceOf(row.source ?? '') ?? '', name)
    }
  }
  return found
}

const relayRows = (sql: Kysely<IspconfigTables>, server: number, keys: readonly string[]) =>
  sql
    .selectFrom('mail_relay_recipient')
    .select(['relay_recipient_id', 'source', 'access'])
    .where('server_id', '=', server)
    .where('source', 'in', keys)
    .where('active', '=', 'y')
    .execute()

/** The row of the address itself decides, if there is one. */
const relayOf = (relays: ReadonlyMap<string, string | undefined>, address: string): string | undefined =>
  relays.get(relays.has(address) ? address : `@${domainOf(address)}`)

/**
 * ISPConfig's Postfix accepts no mail for a relayed domain without rows of recipients (`relay_recipient_maps`). So what
 * is held for one came past that check, and the other server knows whose it is.
 */
const relayOfAll = (address: string, { relaysAll }: Domain): string | undefined =>
  relaysAll ? `mail_relay_domain ${domainOf(address)}` : undefined
