import type { ContentKind } from '../../ground/amavis/content.ts'
import type { AuthenticationResult } from '../../ground/message/head/findings.ts'
import type { ListStanding } from '../../ground/senders/sender-lists.ts'
import type { SenderList } from '../../rules/senders/sender-entry.ts'

/**
 * What speaks against an entry. `authentication`: the message failed SPF, DKIM or DMARC. `forgeable`: an allowed address
 * also lets in who writes it into the From field. `ignored`: amavisd ignores the lists of this mailbox. `not-spam`: lists
 * skip the spam check only, and this message was held for another reason.
 */
export type SenderCaution = 'authentication' | 'forgeable' | 'ignored' | 'not-spam'

/** What is known where an entry is about to be made. */
export interface Circumstances {
  readonly list: SenderList
  readonly standing: ListStanding
  /** Of the message beside which it is made; undefined: it is made beside none. */
  readonly message?:
    | { readonly kind: ContentKind; readonly authentication: readonly AuthenticationResult[] }
    | undefined
}

/** What speaks against an entry, the weightiest first. */
export function cautionsOf({ list, standing, message }: Circumstances): SenderCaution[] {
  const isAllowed = list === 'allow'
  return [
    ...(standing === 'follows' ? [] : (['ignored'] as const)),
    ...(isAllowed && message && hasFailed(message.authentication) ? (['authentication'] as const) : []),
    ...(isAllowed ? (['forgeable'] as const) : []),
    ...(isAllowed && message && message.kind !== 'spam' ? (['not-spam'] as const) : []),
  ]
}

/**
 * A message that passes DMARC comes from the domain in its From, although a forwarder may have broken SPF. Else any
 * failure counts: what passes beside it may be about another domain.
 */
function hasFailed(results: readonly AuthenticationResult[]): boolean {
  if (results.some(({ method, result }) => method === 'dmarc' && result === 'pass')) return false
  return results.some(({ result }) => FAILED.has(result))
}

/** RFC 8601, section 2.7, and `hardfail` of older filters. */
const FAILED: ReadonlySet<string> = new Set(['fail', 'softfail', 'hardfail', 'policy'])
