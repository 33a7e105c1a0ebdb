import { recordAudit } from '../../ground/audit/record.ts'
import type { Refusals } from '../../ground/audit/refusals.ts'
import { gatherReads } from '../../ground/concurrency/gather-reads.ts'
import { CodedError, type ErrorCode } from '../../ground/errors.ts'
import type { TokenFault } from '../../ground/links/signature.ts'
import type { Purpose } from '../../ground/links/token.ts'
import type { Visitor } from '../../rules/reach/visitor.ts'
import { type MachineDeps, noteMachine } from '../../work/clicks/machine-readers.ts'
import { findItems } from '../../work/collect/items.ts'
import { given } from '../given.ts'
import { type LinkDeps, type Subjects, type Visit, visitByExpiredLink, visitByLink } from './visit-by-link.ts'

export type LinkVisitsDeps = LinkDeps & MachineDeps & { readonly refusals: Pick<Refusals, 'add'> }

/** What the door for readers' links uses. No other door has tokens. */
export const linkVisits = (own: LinkVisitsDeps) => bound({ ...own, itemTogether: itemsTogether(own) })

const itemsTogether = ({ state }: LinkVisitsDeps) =>
  gatherReads(TOGETHER, async (itemIds: readonly string[]) => {
    const items = new Map((await findItems(state, [...new Set(itemIds)])).map(item => [item.itemId, item]))
    return itemId => items.get(itemId)
  })

/** A statement takes so many ids. */
const TOGETHER = 200

const bound = (deps: LinkVisitsDeps) => ({
  /** Why a token is refused, whatever it is for; undefined: a key of ours has signed it. */
  fault: (token: string): TokenFault | undefined => deps.keys.fault(token, deps.clock()),
  /** @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE */
  open: <P extends Purpose>(purpose: P, token: string): Promise<Visit<Subjects[P]>> =>
    visitByLink(deps, purpose, token),
  /**
   * Like `open`, for a link that is about to release. A link that a key of ours has signed and that cannot be
   * opened leaves an audit row. Anybody can make up the others, so these share one row a minute.
   *
   * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
   */
  openToRelease: <P extends 'release' | 'digest'>(
    purpose: P,
    token: string,
    remoteAddress: string | null,
  ): Promise<Visit<Subjects[P]>> =>
    visitByLink(deps, purpose, token).catch((error: unknown) => recordRefusal(deps, error, remoteAddress)),
  /**
   * A link that has expired: it only has a fresh digest sent.
   *
   * @throws CodedError LINK_MALFORMED, LINK_FORGED, MESSAGE_GONE
   */
  openExpired: (purpose: Purpose, token: string, remoteAddress: string | null): Promise<Visitor> =>
    visitByExpiredLink(deps, purpose, token).catch((error: unknown) => {
      if (error instanceof CodedError && UNSIGNED.has(error.code))
        deps.refusals.add({ what: 'link', outcome: error.code, remoteAddress })
      throw error
    }),
  /** Whether `openExpired` would open it. */
  isKept: (purpose: Purpose, token: string): Promise<boolean> =>
    visitByExpiredLink(deps, purpose, token).then(
      () => true,
      () => false,
    ),
  noteMachine: given(deps, noteMachine),
})

export type LinkVisits = ReturnType<typeof linkVisits>

/** The reader is not known when a link cannot be opened, only the address that the request came from. */
async function recordRefusal(
  deps: LinkVisitsDeps,
  error: unknown,
  remoteAddress: string | null,
): Promise<never> {
  if (error instanceof CodedError) {
    const outcome = error.code
    const actor = { kind: 'reader', name: 'unknown', remoteAddress } as const
    if (UNSIGNED.has(outcome)) deps.refusals.add({ what: 'link', outcome, remoteAddress })
    else await recordAudit(deps.state, { actor, action: 'release', outcome }, deps.clock())
  }
  throw error
}

/** A link for another purpose or person is among these: only a link of ours that was changed can be one. */
const UNSIGNED: ReadonlySet<ErrorCode> = new Set(['LINK_MALFORMED', 'LINK_FORGED'])
