import { recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import { MINUTE } from '../../ground/durations.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import type { HelpDeskViewer } from '../../rules/reach/viewer.ts'

export interface LookDeps {
  readonly state: Database<StateTables>
  readonly clock: () => number
}

/** What somebody saw who is not the reader. The audit has it as the outcome of a look. */
export const SEEN = ['list', 'message', 'settings', 'senders'] as const

export type Seen = (typeof SEEN)[number]

export interface SeenMessage {
  /** The reader's item of it: see `collect/item-id.ts`. */
  readonly itemId: string
  readonly recipient: string
  /** How the pages name it. */
  readonly ref: string
}

/** Records that somebody looked at a reader's list, settings or senders: once in a quarter of an hour, whatever they look up there. */
export async function recordLook(
  deps: LookDeps,
  viewer: HelpDeskViewer,
  seen: Exclude<Seen, 'message'>,
): Promise<void> {
  if (await hasLooked(deps, viewer, { outcome: seen })) return
  await write(deps, viewer, { outcome: seen, recipient: viewer.visitor.reader })
}

/** Records that somebody opened a reader's message: each time. */
export const recordOpening = (deps: LookDeps, viewer: HelpDeskViewer, of: SeenMessage): Promise<void> =>
  write(deps, viewer, {
    outcome: 'message' satisfies Seen,
    recipient: of.recipient,
    itemId: of.itemId,
    detail: of.ref,
  })

/** Whether they have opened this message a short while ago, so that a part of it needs no line of its own. */
export const hasOpened = (deps: LookDeps, viewer: HelpDeskViewer, ref: string): Promise<boolean> =>
  hasLooked(deps, viewer, { outcome: 'message', detail: ref })

async function hasLooked(
  { state, clock }: LookDeps,
  { actor, visitor }: HelpDeskViewer,
  { outcome, detail }: { readonly outcome: Seen; readonly detail?: string },
): Promise<boolean> {
  const row = await state.sql
    .selectFrom('digest_audit')
    .select('audit_id')
    .where('reader', '=', visitor.reader)
    .where('action', '=', 'look')
    .where('at', '>', clock() - TOGETHER)
    .where('actor_kind', '=', actor.kind)
    .where('actor', '=', actor.name)
    .where('outcome', '=', outcome)
    .$if(detail !== undefined, rows => rows.where('detail', '=', detail ?? ''))
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

const TOGETHER = 15 * MINUTE

const write = (
  { state, clock }: LookDeps,
  { actor, visitor: { reader } }: HelpDeskViewer,
  entry: {
    readonly outcome: Seen
    readonly recipient: string
    readonly itemId?: string
    readonly detail?: string
  },
): Promise<void> => recordAudit(state, { actor, action: 'look', reader, ...entry }, clock())
