import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { domainOf } from '../../ground/directory/reader-address.ts'
import type { Link } from '../../ground/links/token.ts'
import type { LinkPage } from '../../ground/metrics/meter.ts'
import { newId } from '../../ground/state/id.ts'
import type { ClickTable, StateTables } from '../../ground/state/state-tables.ts'

/** A request to a link that this program made. */
export interface Click {
  readonly at: number
  readonly page: LinkPage
  readonly method: string
  readonly link: Link
}

/** Stores clicks, each with the digest it belongs to and how long after the delivery it came. */
export async function writeClicks(state: Database<StateTables>, clicks: readonly Click[]): Promise<void> {
  for (const chunk of chunks(clicks)) {
    const digests = await digestsOf(state, chunk)
    const rows = chunk.flatMap(click => rowOf(click, digests.get(mailOf(click))) ?? [])
    if (rows.length > 0) await state.sql.insertInto('digest_click').values(rows).execute()
  }
}

/** What tells in which mail a link stands: the id of a copy, or what the link is about. */
const mailOf = ({ link }: Click): string => link.copy ?? link.subject

/** The digest that a link belongs to. */
interface LinkedDigest {
  readonly digestId: string | null
  readonly reader: string
  readonly deliveredAt: number | null
}

/** @returns the digests by the id of an item, of a digest or of a copy: see `mailOf` */
async function digestsOf(
  state: Database<StateTables>,
  clicks: readonly Click[],
): Promise<Map<string, LinkedDigest>> {
  const subjects = (isRelease: boolean) => [...new Set(clicks.filter(isOf(isRelease)).map(mailOf))]
  const [items, digests] = [subjects(true), subjects(false)]
  const found = [
    ...(items.length > 0 ? await findByItems(state, items) : []),
    ...(digests.length > 0 ? await findByDigests(state, digests) : []),
  ]
  return new Map(
    found.map(({ subject, reader, digest_id, finished_at }) => [
      subject,
      { reader, digestId: digest_id, deliveredAt: finished_at === null ? null : Number(finished_at) },
    ]),
  )
}

const isOf =
  (isRelease: boolean) =>
  ({ page, link }: Click): boolean =>
    (page === 'release' && link.copy === undefined) === isRelease

const findByItems = (state: Database<StateTables>, ids: readonly string[]) =>
  state.sql
    .selectFrom('digest_item')
    .leftJoin('digest_digest', 'digest_digest.digest_id', 'digest_item.digest_id')
    .select(['digest_item.item_id as subject', 'digest_item.reader', 'digest_item.digest_id'])
    .select('digest_digest.finished_at')
    .where('digest_item.item_id', 'in', ids)
    .execute()

const findByDigests = (state: Database<StateTables>, ids: readonly string[]) =>
  state.sql
    .selectFrom('digest_digest')
    .select(['digest_id as subject', 'reader', 'digest_id', 'finished_at'])
    .where('digest_id', 'in', ids)
    .execute()

function rowOf({ at, page, method }: Click, digest: LinkedDigest | undefined): ClickTable | undefined {
  if (!digest) return undefined
  return {
    click_id: newId(at),
    at,
    digest_id: digest.digestId,
    domain: domainOf(digest.reader),
    page,
    method: method.slice(0, 8),
    after_ms: digest.deliveredAt === null ? null : Math.max(0, at - digest.deliveredAt),
  }
}
