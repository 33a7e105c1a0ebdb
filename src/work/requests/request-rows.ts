import type { Kysely, Selectable } from 'kysely'
import { contentKindOf } from '../../ground/amavis/content.ts'
import type { CollectedMail } from '../../ground/amavis/held-mail.ts'
import { chunks } from '../../ground/database/chunks.ts'
import type { Database } from '../../ground/database/database.ts'
import { SECOND } from '../../ground/durations.ts'
import type { RequestReaderTable, RequestTable, StateTables } from '../../ground/state/state-tables.ts'
import { heldRefOf } from '../collect/held-ref.ts'
import { REQUEST_STATES, type ReleaseRequested, type RequestState } from './request.ts'

export type State = Pick<Database<StateTables>, 'sql' | 'dialect'>

/** A request as its row has it, with what only this room needs to know. */
export interface RequestRow extends ReleaseRequested {
  readonly mail: CollectedMail
  /** The readers, with the item by which each has asked and what each was told. */
  readonly asked: readonly AskedReader[]
  /** When it was decided or ended otherwise; undefined while it waits. */
  readonly endedAt: number | undefined
  readonly isMarked: boolean
  readonly nextAt: number | null
  readonly version: number
}

export interface AskedReader {
  readonly reader: string
  readonly itemId: string
  readonly askedAt: number
  readonly told: string | null
}

export async function findRequest(state: State, id: string): Promise<RequestRow | undefined> {
  const row = await state.sql
    .selectFrom('digest_request')
    .selectAll()
    .where('request_id', '=', id)
    .executeTakeFirst()
  return row && (await withReaders(state, [row]))[0]
}

/** The request of a held message that waits. */
export async function findOpenRequest(state: State, heldId: string): Promise<RequestRow | undefined> {
  const row = await state.sql
    .selectFrom('digest_request')
    .selectAll()
    .where('open_held_id', '=', heldId)
    .executeTakeFirst()
  return row && (await withReaders(state, [row]))[0]
}

/** The last request of each of these held messages, by `heldId`. One statement or two for some hundred messages. */
export async function lastRequests(
  state: State,
  heldIds: readonly string[],
): Promise<ReadonlyMap<string, RequestRow>> {
  const found = new Map<string, RequestRow>()
  for (const chunk of chunks([...new Set(heldIds)])) {
    const rows = await state.sql
      .selectFrom('digest_request')
      .selectAll()
      .where('held_id', 'in', chunk)
      .execute()
    // Ids sort by the time at which they were made.
    const byAge = rows.toSorted((one, other) => (one.request_id < other.request_id ? -1 : 1))
    const last = new Map(byAge.map(row => [row.held_id, row]))
    for (const request of await withReaders(state, [...last.values()])) found.set(request.heldId, request)
  }
  return found
}

/** These rows with their readers, in the same order. One statement for some hundred rows. */
export async function withReaders(
  { sql }: Pick<State, 'sql'>,
  rows: readonly Selectable<RequestTable>[],
): Promise<RequestRow[]> {
  if (rows.length === 0) return []
  const readers = await sql
    .selectFrom('digest_request_reader')
    .selectAll()
    .where(
      'request_id',
      'in',
      rows.map(row => row.request_id),
    )
    .execute()
  const byRequest = Map.groupBy(readers, row => row.request_id)
  return rows.map(row => requestOfRow(row, byRequest.get(row.request_id) ?? []))
}

function requestOfRow(
  row: Selectable<RequestTable>,
  unsorted: readonly Selectable<RequestReaderTable>[],
): RequestRow {
  const readers = unsorted.toSorted((one, other) => Number(one.asked_at) - Number(other.asked_at))
  const { partition_tag: partitionTag, mail_id: mailId, rseqnum, recipient } = row
  const mailAt = Number(row.mail_at)
  return {
    id: row.request_id,
    ref: heldRefOf({ partitionTag, mailId, rseqnum }),
    heldId: row.held_id,
    recipient,
    domain: row.domain,
    kind: contentKindOf(row.content),
    receivedAt: mailAt,
    state: stateOf(row.state),
    readers: readers.map(({ reader }) => reader),
    askedAt: Number(row.asked_at),
    expiresAt: Number(row.expires_at),
    first: deciderOf(row.first_by, row.first_at),
    decided: deciderOf(row.decided_by, row.decided_at),
    note: row.note ?? undefined,
    mail: { partitionTag, mailId, rseqnum, recipient, timeNum: mailAt / SECOND, mailAt },
    asked: readers.map(({ reader, item_id, asked_at, told }) => ({
      reader,
      itemId: item_id,
      askedAt: Number(asked_at),
      told,
    })),
    endedAt: row.decided_at === null ? undefined : Number(row.decided_at),
    isMarked: row.marked === 1,
    nextAt: row.next_at === null ? null : Number(row.next_at),
    version: row.version,
  }
}

/** A state that only a later version knows counts as one in which nothing waits. */
const stateOf = (state: string): RequestState => REQUEST_STATES.find(known => known === state) ?? 'gone'

const deciderOf = (by: string | null, at: number | null) => (by === null ? undefined : { by, at: Number(at) })

/** What a change may set. */
export type RequestChange = Partial<
  Pick<
    RequestTable,
    | 'open_held_id'
    | 'state'
    | 'expires_at'
    | 'first_by'
    | 'first_at'
    | 'decided_by'
    | 'decided_at'
    | 'note'
    | 'marked'
    | 'next_at'
  >
>

/** Changes a request, unless somebody has changed it since it was read. @returns whether it was as expected */
export async function changeRequest(
  { sql }: { readonly sql: Kysely<StateTables> },
  { id, version }: Pick<RequestRow, 'id' | 'version'>,
  change: RequestChange,
): Promise<boolean> {
  const result = await sql
    .updateTable('digest_request')
    .set({ ...change, version: version + 1 })
    .where('request_id', '=', id)
    .where('version', '=', version)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}
