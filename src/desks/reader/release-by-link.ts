import { findHeldMail, type HeldMail, keyOf } from '../../ground/amavis/held-mail.ts'
import { recordAudit } from '../../ground/audit/record.ts'
import { CodedError, type ErrorCode } from '../../ground/errors.ts'
import type { KeyRing } from '../../ground/links/key-ring.ts'
import { requireBinding, verifyToken } from '../../ground/links/token.ts'
import { mayReleaseItself, type ReleasePolicy } from '../../rules/policy/policy.ts'
import type { StandardSettings } from '../../rules/settings/reader-settings.ts'
import { isReadByMachine } from '../../work/clicks/machine-readers.ts'
import { findItem, type Item } from '../../work/collect/items.ts'
import { DROPPED, findRelease, neverAsked, type ReleaseRow } from '../../work/release/claims.ts'
import { type ReleaseDeps, type ReleaseOutcome, releaseMessage } from '../../work/release/release-message.ts'
import { type PageLanguage, pageLanguageOf } from '../../work/settings/read-settings.ts'

export interface ReleaseLinkDeps extends ReleaseDeps {
  readonly keys: KeyRing
  readonly standard: StandardSettings
  /** Whether the links of readers whose digests a machine was seen to read need the button. */
  readonly canary: boolean
}

/** What a release link leads to, and for whom. */
export interface OpenedRelease extends PageLanguage {
  readonly item: Item
  readonly mail: HeldMail | undefined
  readonly releasableUntil: number
  readonly state: LinkState
  /** Whether nothing but the page's button releases: a machine reads this reader's digests. */
  readonly needsButton: boolean
}

export type LinkState =
  | {
      readonly is: 'waiting'
      readonly policy: Exclude<ReleasePolicy, 'never'>
      /** Whether its page may release at the first sign of a human, without the button. */
      readonly mayReleaseItself: boolean
    }
  | { readonly is: 'released' }
  | { readonly is: 'queued' }
  | { readonly is: 'failed'; readonly code: ErrorCode }

/**
 * Looks at what a release link leads to. Changes nothing.
 *
 * @throws CodedError LINK_MALFORMED, LINK_FORGED, LINK_EXPIRED, MESSAGE_GONE
 */
export async function openReleaseLink(deps: ReleaseLinkDeps, token: string): Promise<OpenedRelease> {
  const now = deps.clock()
  const link = verifyToken(token, 'release', id => deps.keys.find(id, now), now)
  const item = await findItem(deps.state, link.subject)
  if (!item) throw new CodedError('MESSAGE_GONE', 'This message is not kept any more.')
  requireBinding(link, item.recipient, item.reader)
  const [mails, release, page, needsButton] = await Promise.all([
    findHeldMail(deps.storage, [item]),
    findRelease(deps.state, item.itemId),
    pageLanguageOf(deps.state, item.reader, deps.standard),
    deps.canary && isReadByMachine(deps.state, item.reader, item.mailAt),
  ])
  const mail = mails.get(keyOf(item))
  return {
    item,
    mail,
    ...page,
    releasableUntil: link.expiresAt,
    state: stateOf(deps, mail, release, needsButton),
    needsButton,
  }
}

/**
 * A reader's own request, made by the link's POST. Each one leaves an audit row, those with a bad link too.
 *
 * @param request `pressed`: made by the button of a page, not by its script or a program
 * @throws CodedError as `openReleaseLink` and `releaseMessage` do
 */
export async function releaseByLink(
  deps: ReleaseLinkDeps,
  token: string,
  request: {
    readonly confirmed: boolean
    readonly again: boolean
    readonly pressed: boolean
    readonly remoteAddress: string | null
  },
): Promise<{ readonly opened: OpenedRelease; readonly outcome: ReleaseOutcome }> {
  const opened = await openReleaseLink(deps, token).catch((error: unknown) =>
    refuse(deps, error, request.remoteAddress),
  )
  const { reader } = opened.item
  if (!request.pressed) await requireNoMachine(deps, opened, request.remoteAddress)
  const outcome = await releaseMessage(deps, {
    itemId: opened.item.itemId,
    actor: { kind: 'reader', name: reader, remoteAddress: request.remoteAddress },
    requestedBy: reader,
    confirmed: request.confirmed,
    again: request.again,
  })
  return { opened, outcome }
}

/** Nobody knows who holds a link that does not open; where the request came from is known. */
async function refuse(deps: ReleaseLinkDeps, error: unknown, remoteAddress: string | null): Promise<never> {
  if (error instanceof CodedError) {
    const actor = { kind: 'reader', name: 'unknown', remoteAddress } as const
    await recordAudit(deps.state, { actor, action: 'release', outcome: error.code }, deps.clock())
  }
  throw error
}

/** What is released, or on its way, may be told to anybody. */
async function requireNoMachine(
  deps: ReleaseLinkDeps,
  { item, state, needsButton }: OpenedRelease,
  remoteAddress: string | null,
): Promise<void> {
  if (!needsButton || state.is === 'released' || state.is === 'queued') return
  const entry = {
    actor: { kind: 'reader', name: item.reader, remoteAddress },
    action: 'release',
    itemId: item.itemId,
    recipient: item.recipient,
    reader: item.reader,
    outcome: 'CONFIRMATION_REQUIRED',
    detail: 'a machine was seen to read the digest, and the button was not pressed',
  } as const
  await recordAudit(deps.state, entry, deps.clock())
  throw new CodedError(
    'CONFIRMATION_REQUIRED',
    'A machine was seen to read this digest. Press the button of the page, which sends button=yes.',
  )
}

function stateOf(
  deps: ReleaseLinkDeps,
  mail: HeldMail | undefined,
  release: ReleaseRow | undefined,
  needsButton: boolean,
): LinkState {
  // Whoever released it, and whatever we could hear of it: other programs and an older backup of our tables included.
  if (mail?.state === 'released') return { is: 'released' }
  switch (release?.state) {
    case 'released':
      return { is: 'released' }
    case 'queued':
      return { is: 'queued' }
    case 'releasing':
      if (release.leaseUntil <= deps.clock()) {
        return neverAsked(release) ? { is: 'queued' } : { is: 'failed', code: 'RELEASE_UNCERTAIN' }
      }
      // Being asked for right now: whoever presses the button waits for the same answer.
      break
    case 'uncertain':
      return { is: 'failed', code: 'RELEASE_UNCERTAIN' }
    case 'failed':
    case undefined:
  }
  if (!mail || mail.state === 'gone' || mail.state === 'delivered')
    return { is: 'failed', code: 'MESSAGE_GONE' }
  if (mail.state === 'pending') return { is: 'failed', code: 'POLICY_REFUSED' }
  // What an admin dropped may be asked for again, as if it never had been.
  if (release?.state === 'failed' && release.code !== DROPPED.code) {
    return { is: 'failed', code: (release.code as ErrorCode | null) ?? 'AMAVISD_REFUSED' }
  }
  const policy = deps.policies[mail.kind]
  if (policy === 'never') return { is: 'failed', code: 'POLICY_REFUSED' }
  return {
    is: 'waiting',
    policy,
    mayReleaseItself: release === undefined && !needsButton && mayReleaseItself(mail.kind, policy),
  }
}
