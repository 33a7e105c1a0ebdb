import type { Kysely } from 'kysely'
import { lastSlice } from '../../src/ground/amavis/quarantine/amounts.ts'
import { countHeld } from '../../src/ground/amavis/quarantine/count-held.ts'
import { rowsBetween } from '../../src/ground/amavis/quarantine/found-rows.ts'
import type { Recipients } from '../../src/ground/amavis/quarantine/recipients.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import type { Viewer } from '../../src/rules/reach/viewer.ts'
import { asReader } from '../../src/rules/reach/visitor.ts'
import { parseSearch } from '../../src/rules/search/parse-search.ts'
import type { HeldListRequest } from '../../src/work/quarantine/held-list.ts'
import { rowFilter } from '../../src/work/quarantine/listed-state.ts'

/** A list of the quarantine, and how a database has to find it. */
export interface PlannedList {
  readonly viewer: Viewer
  readonly search: HeldListRequest
  /** As MariaDB says it. */
  readonly steps: readonly string[]
  /** The indexes as PostgreSQL names them. */
  readonly indexes: readonly RegExp[]
}

/** @param reader has little mail */
export function listsOf(reader: string): readonly PlannedList[] {
  const own: Viewer = { as: 'reader', visitor: asReader(reader), actor: actor(reader) }
  const admin: Viewer = { as: 'admin', actor: actor('root'), reach: undefined, may: ['read'] }
  const byAddress = {
    steps: ['maddr: part_email', 'msgrcpt: msgrcpt_idx_rid'],
    indexes: [/part_email/, /msgrcpt_idx_rid/, /msgs_p/],
  }
  const byTime = {
    steps: ['msgs: msgs_idx_time_num', 'maddr: PRIMARY'],
    indexes: [/msgs_idx_time_num/, /msgrcpt_(?:p|idx_mail_id)/],
  }
  return [
    { viewer: own, search: list(''), ...byAddress },
    { viewer: own, search: list('order'), ...byAddress },
    { viewer: admin, search: list(''), ...byTime },
    { viewer: admin, search: list('nothing-has-this-word'), ...byTime, indexes: byTime.indexes.slice(0, 1) },
    // By the addresses where these are few, else by the time.
    {
      viewer: { ...admin, reach: ['example.com', 'd7.example'] },
      search: list('type:spam'),
      steps: ['maddr: PRIMARY'],
      indexes: [/msgrcpt_/],
    },
    { viewer: admin, search: list('', 'score'), ...byTime },
    { viewer: admin, search: list(`to:${reader}`), ...byAddress },
    {
      viewer: admin,
      search: list('from:news7@shop7.example nothing'),
      steps: ['msgs: msgs_idx_time_num'],
      indexes: [/msgs_idx_time_num/],
    },
    {
      viewer: admin,
      search: list('id:nothing12345'),
      steps: ['msgrcpt: msgrcpt_idx_mail_id'],
      indexes: [/msgrcpt_idx_mail_id/],
    },
  ]
}

/** What lists and summaries read where there is much mail: of one reader, of some domains, of a site. */
export async function readingsOfMuch(
  storage: Kysely<AmavisTables>,
): Promise<readonly (() => Promise<unknown>)[]> {
  const all = { from: 0, to: 2 ** 31 - 1 }
  const seconds = { ...all, from: (await lastSlice(storage, all, 1500)).from }
  const held = rowFilter(parseSearch('', { now: Date.now(), timeZone: 'UTC' }), true)
  const whose: readonly Recipients[] = [
    { are: 'all' },
    { are: 'inDomains', domains: ['example.com', 'd7.example'] },
    { are: 'ids', ids: [1, 2, 3] },
  ]
  return whose.flatMap(recipients => [
    () => rowsBetween(storage, seconds, recipients, held),
    () => countHeld(storage, seconds, recipients, held),
  ])
}

const actor = (name: string) => ({ kind: 'admin', name, remoteAddress: null }) as const

const list = (text: string, order: HeldListRequest['order'] = 'date'): HeldListRequest => ({
  search: parseSearch(text, { now: Date.now(), timeZone: 'UTC' }),
  order,
  direction: 'descending',
  limit: 50,
})
