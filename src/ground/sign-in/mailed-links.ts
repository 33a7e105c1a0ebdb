import type { Database } from '../database/database.ts'
import type { StateTables } from '../state/state-tables.ts'
import { type MailedLink, REMEMBERED } from './limits.ts'
import type { SignedIn } from './people.ts'
import { CLOCK_TOLERANCE } from './sessions.ts'

/** The browser of a link that works in any browser, because it was printed on the command line. No hash looks so. */
export const ANY_BROWSER = 'any'

/** The links that were mailed to a person within `REMEMBERED`. */
export async function mailedLinks(
  { sql }: Pick<Database<StateTables>, 'sql'>,
  { kind, address }: SignedIn,
  now: number,
): Promise<MailedLink[]> {
  const rows = await sql
    .selectFrom('digest_sign_in')
    .select(['browser_hash', 'network', 'created_at', 'expires_at', 'used_at'])
    .where('admin', '=', address)
    .where('kind', '=', kind)
    .where('browser_hash', '!=', ANY_BROWSER)
    .where('created_at', '>', now - REMEMBERED)
    .where('created_at', '<=', now + CLOCK_TOLERANCE)
    .orderBy('created_at', 'desc')
    .limit(MOST)
    .execute()
  return rows.map(row => ({
    browserHash: row.browser_hash,
    network: row.network,
    createdAt: Number(row.created_at),
    expiresAt: Number(row.expires_at),
    isUsed: row.used_at !== null,
  }))
}

/** Rows. The limits allow about 700 a day. */
const MOST = 1000

/** Links that were mailed to a person within a day and that nobody has used. */
export interface UnusedLinks {
  readonly count: number
  /** When the newest one was asked for, in milliseconds since the epoch, and from which network. */
  readonly last: { readonly at: number; readonly network: string | null } | undefined
  /** From how many networks they were asked for. */
  readonly networks: number
}

export async function unusedLinks(
  state: Pick<Database<StateTables>, 'sql'>,
  person: SignedIn,
  now: number,
): Promise<UnusedLinks> {
  const unused = (await mailedLinks(state, person, now)).filter(({ isUsed }) => !isUsed)
  const [newest] = unused
  return {
    count: unused.length,
    last: newest && { at: newest.createdAt, network: newest.network },
    networks: new Set(unused.map(({ network }) => network)).size,
  }
}
