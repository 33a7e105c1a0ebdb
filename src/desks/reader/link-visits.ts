import { recordAudit } from '../../ground/audit/record.ts'
import { CodedError } from '../../ground/errors.ts'
import type { Purpose } from '../../ground/links/token.ts'
import { type MachineDeps, noteMachine } from '../../work/clicks/machine-readers.ts'
import { type LinkDeps, type Subjects, type Visit, visitByLink } from './visit-by-link.ts'

export type LinkVisitsDeps = LinkDeps & MachineDeps

/** What the door of the links needs: it alone knows tokens, and from where a request came. */
export interface LinkVisits {
  /** @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE */
  open<P extends Purpose>(purpose: P, token: string): Promise<Visit<Subjects[P]>>
  /** As `open` of a release link that is to act: one that does not open leaves an audit row. */
  openToRelease(token: string, remoteAddress: string | null): Promise<Visit<Subjects['release']>>
  /** Notes that the link of a digest that no human sees was fetched. */
  noteMachine(digest: Subjects['canary'], remoteAddress: string | null): Promise<void>
}

export const linkVisits = (deps: LinkVisitsDeps): LinkVisits => ({
  open: (purpose, token) => visitByLink(deps, purpose, token),
  openToRelease: (token, remoteAddress) =>
    visitByLink(deps, 'release', token).catch((error: unknown) => refuse(deps, error, remoteAddress)),
  noteMachine: (digest, remoteAddress) => noteMachine(deps, digest, remoteAddress),
})

/** Nobody knows who holds a link that does not open; where the request came from is known. */
async function refuse(deps: LinkVisitsDeps, error: unknown, remoteAddress: string | null): Promise<never> {
  if (error instanceof CodedError) {
    const actor = { kind: 'reader', name: 'unknown', remoteAddress } as const
    await recordAudit(deps.state, { actor, action: 'release', outcome: error.code }, deps.clock())
  }
  throw error
}
