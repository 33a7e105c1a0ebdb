import type { Viewer } from '../../src/rules/reach/viewer.ts'
import { asReader } from '../../src/rules/reach/visitor.ts'
import { parseSearch } from '../../src/rules/search/parse-search.ts'
import type { HeldListRequest } from '../../src/work/quarantine/held-list.ts'

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
    { viewer: { ...admin, reach: ['example.com', 'd7.example'] }, search: list('type:spam'), ...byTime },
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

const actor = (name: string) => ({ kind: 'admin', name, remoteAddress: null }) as const

const list = (text: string, order: HeldListRequest['order'] = 'date'): HeldListRequest => ({
  search: parseSearch(text, { now: Date.now(), timeZone: 'UTC' }),
  order,
  direction: 'descending',
  limit: 50,
})
