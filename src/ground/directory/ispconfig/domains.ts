import { type Kysely, sql as sqlText } from 'kysely'
import { domainName } from '../reader-address.ts'
import { byServer, type Forwarding, forwardingsIn, type SourcesByServer } from './forwardings.ts'
import { rowsWith } from './keys.ts'
import { type DomainRows, NO_DOMAIN } from './rows.ts'
import type { IspconfigTables } from './tables.ts'

/** What is known of a domain, and where to ask about its addresses. */
export interface Domain {
  readonly rows: DomainRows
  /** The servers whose rows count for its addresses. */
  readonly servers: readonly number[]
  /** Those of them that pass its mail on to another server. */
  readonly relays: readonly number[]
  /** They pass all of it on: no row says for whom mail is accepted. */
  readonly relaysAll: boolean
  /** Whether its mailboxes get mail. */
  readonly isActive: boolean
}

/**
 * Finds domains. A row counts if it is on a server that has the domain: another server of the same panel may have a
 * row of the same name.
 *
 * `mail_transport` is not asked. It says on which way mail leaves, to strangers' domains too; Postfix accepts no mail
 * for a domain because of it (`relay_domains` in `debian_postfix.conf`).
 *
 * @param domains as A-labels, each once
 * @param servers only these; empty: all
 */
export async function findDomains(
  sql: Kysely<IspconfigTables>,
  domains: readonly string[],
  servers: readonly number[],
): Promise<ReadonlyMap<string, Domain>> {
  const tables = await domainTables(sql, domains, servers)
  const homes = new Map(domains.map(domain => [domain, homeOf(domain, tables)]))
  const forwardings = await forwardingsIn(sql, await sourcesOf(sql, homes, servers))
  return new Map(
    [...homes].map(([domain, home]) => {
      const own = forwardings.get(`@${domain}`) ?? []
      return [domain, home ? domainAt(home, own) : aliasDomain(own)]
    }),
  )
}

/** The servers that have a domain, and what is known of it there. */
interface Home extends Omit<Domain, 'rows'> {
  readonly lists: DomainRows['lists']
}

interface Tables {
  readonly hosted: ReadonlyMap<string, readonly { readonly server_id: number; readonly active: string }[]>
  readonly relayed: ReadonlyMap<string, readonly { readonly server_id: number }[]>
  /** Relayed domains for which there are rows of single recipients, or of all. */
  readonly restricted: ReadonlyMap<string, readonly { readonly server_id: number }[]>
  readonly lists: ReadonlyMap<string, readonly ListRow[]>
}

interface ListRow {
  readonly mailinglist_id: number
  readonly server_id: number
  readonly listname: string
}

async function domainTables(
  sql: Kysely<IspconfigTables>,
  domains: readonly string[],
  servers: readonly number[],
): Promise<Tables> {
  const relayed = await byDomain(domains, servers, keys =>
    sql
      .selectFrom('mail_relay_domain')
      .select(['server_id', 'domain'])
      .where('domain', 'in', keys)
      .where('active', '=', 'y')
      .execute(),
  )
  const relayedOnes = domains.filter(domain => (relayed.get(domain) ?? []).length > 0)
  return {
    relayed,
    // Without an index, and only where something is relayed.
    restricted: await byDomain(relayedOnes, servers, keys =>
      sql
        .selectFrom('mail_relay_recipient')
        .select(['server_id', DOMAIN_OF_SOURCE.as('domain')])
        .distinct()
        .where(DOMAIN_OF_SOURCE, 'in', keys)
        .execute(),
    ),
    hosted: await byDomain(domains, servers, keys =>
      sql
        .selectFrom('mail_domain')
        .select(['server_id', 'domain', 'active'])
        .where('domain', 'in', keys)
        .execute(),
    ),
    // Without an index: a panel has few lists.
    lists: await byDomain(domains, servers, keys =>
      sql
        .selectFrom('mail_mailinglist')
        .select(['mailinglist_id', 'server_id', 'domain', 'listname'])
        .where('domain', 'in', keys)
        .execute(),
    ),
  }
}

const DOMAIN_OF_SOURCE = sqlText<string>`substring_index(source, '@', -1)`

async function byDomain<Row extends { readonly server_id: number; readonly domain: string | null }>(
  domains: readonly string[],
  servers: readonly number[],
  find: (keys: readonly string[]) => Promise<readonly Row[]>,
): Promise<ReadonlyMap<string, readonly Row[]>> {
  const found = new Map<string, Row[]>(domains.map(domain => [domain, []]))
  for (const row of await rowsWith(domains, find)) {
    const isOurs = servers.length === 0 || servers.includes(row.server_id)
    if (isOurs) found.get(domainName(row.domain ?? '') ?? '')?.push(row)
  }
  return found
}

/**
 * Undefined if no server has the domain. One that moved to another server may be left, inactive, on the old one; and
 * a server that relays it may have it from another one that hosts it, which knows its addresses better.
 */
function homeOf(domain: string, { hosted, relayed, restricted, lists }: Tables): Home | undefined {
  const rows = hosted.get(domain) ?? []
  const active = rows.filter(row => row.active === 'y')
  const relays = active.length > 0 ? [] : (relayed.get(domain) ?? []).map(row => row.server_id)
  const hosts = (active.length > 0 ? active : rows).map(row => row.server_id)
  const servers = [...new Set([...hosts, ...relays])]
  if (servers.length === 0) return undefined
  const own = (lists.get(domain) ?? []).filter(row => servers.includes(row.server_id))
  const isRestricted = (restricted.get(domain) ?? []).some(row => relays.includes(row.server_id))
  return {
    servers,
    relays,
    relaysAll: relays.length > 0 && !isRestricted,
    isActive: active.length > 0,
    lists: new Map(own.map(row => [row.listname.toLowerCase(), `mail_mailinglist ${row.mailinglist_id}`])),
  }
}

/** A domain without a home may still be an alias domain, of whichever server. */
async function sourcesOf(
  sql: Kysely<IspconfigTables>,
  homes: ReadonlyMap<string, Home | undefined>,
  servers: readonly number[],
): Promise<SourcesByServer> {
  const isComplete = [...homes.values()].every(home => home !== undefined)
  const everywhere = isComplete || servers.length > 0 ? servers : await allServers(sql)
  const sources = [...homes].map(([domain, home]) => [`@${domain}`, home?.servers ?? everywhere] as const)
  return byServer(sources)
}

async function allServers(sql: Kysely<IspconfigTables>): Promise<readonly number[]> {
  const rows = await sql.selectFrom('mail_domain').select('server_id').distinct().execute()
  return rows.map(row => row.server_id)
}

function domainAt({ lists, ...home }: Home, forwardings: readonly Forwarding[]): Domain {
  const leading = forwardings.filter(({ destinations }) => destinations.length > 0)
  const rows = {
    isLocal: true,
    aliasDomain: leading.find(({ is }) => is === 'aliasdomain'),
    catchAll: leading.filter(({ is }) => is === 'catchall'),
    lists,
  }
  return { ...home, rows }
}

/** A domain that only `virtual_alias_domains` knows. */
function aliasDomain(forwardings: readonly Forwarding[]): Domain {
  const own = forwardings.filter(({ is }) => is === 'aliasdomain')
  const servers = [...new Set(own.map(({ server }) => server))]
  const home = { servers, relays: [], relaysAll: false, isActive: false, lists: NO_DOMAIN.lists }
  if (servers.length === 0) return { ...home, rows: NO_DOMAIN }
  return domainAt(
    home,
    forwardings.filter(({ server }) => servers.includes(server)),
  )
}
