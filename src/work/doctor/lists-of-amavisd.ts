import type { AmavisdRoutes } from '../../ground/config/amavis/routes.ts'
import { type Check, type Finding, fail, ok, skip, warn } from '../../ground/health/check.ts'
import { isThisMachine } from '../../ground/network/this-machine.ts'

export interface ListsOfAmavisdDeps {
  /** The database into which entries are written; undefined: a panel writes them. */
  readonly url: string | undefined
  /** What amavisd's configuration says; undefined when it is not on this machine or cannot be read. */
  readonly routes: () => LookedUp | undefined
}

type LookedUp = Pick<AmavisdRoutes, 'path' | 'lookupUrl'>

/** Whether amavisd looks up allow and block lists where they are written. Elsewhere it would never see an entry. */
export const listsOfAmavisd = ({ url, routes }: ListsOfAmavisdDeps): Check => ({
  id: 'amavisd.lists',
  async run() {
    const found = routes()
    if (found?.lookupUrl === undefined) return [skip('@lookup_sql_dsn of amavisd cannot be read here')]
    return [listsFinding(found.path, found.lookupUrl, url)]
  },
})

/**
 * @param read by amavisd; null: it looks up nothing
 * @param written undefined: by a panel
 */
export function listsFinding(path: string, read: string | null, written: string | undefined): Finding {
  if (read === null)
    return fail(
      `@lookup_sql_dsn is not set (${path}): amavisd looks up no allow and block lists, so that no entry does anything`,
      'Let @lookup_sql_dsn name the database of the lists, in a file that amavisd reads last; restart amavisd.',
    )
  if (written === undefined) return ok('amavisd looks up its lists in a database')
  const [theirs, ours] = [new URL(read), new URL(written)]
  if (theirs.pathname !== ours.pathname)
    return fail(`amavisd looks up its lists in ${placeOf(theirs)} (${path}), but ${writtenTo(ours)}`, TO_SAME)
  if (hostOf(theirs) !== hostOf(ours))
    return warn(
      `amavisd looks up its lists in ${placeOf(theirs)} (${path}), and ${writtenTo(ours)}: another server, unless both names lead to one`,
      TO_SAME,
    )
  return ok('amavisd looks up its lists where they are written')
}

const TO_SAME = 'Let senders.url name the database of @lookup_sql_dsn.'

const writtenTo = (url: URL): string => `entries are written into ${placeOf(url)}`

/** Without the account. */
const placeOf = (url: URL): string => `${decodeURIComponent(url.pathname.slice(1))} on ${hostOf(url)}`

/** A socket and an address of this machine lead to one server. */
const hostOf = ({ hostname }: URL): string =>
  hostname === '' || isThisMachine(hostname) ? 'this machine' : hostname
