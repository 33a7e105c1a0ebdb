import type { Item } from '../collect/items.ts'
import type { Urls } from '../links/urls.ts'
import type { ReleasePolicies } from '../release/policy.ts'
import { byLikelihood, type Candidate } from './candidates.ts'
import type { DigestEntry, DigestView } from './view.ts'

/** A digest's row, as far as it is shown. */
export interface ShownDigest {
  readonly digestId: string
  readonly reader: string
  readonly language: string
  readonly timeZone: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface ViewDeps {
  readonly urls: Urls
  readonly policies: ReleasePolicies
  readonly contact: string | undefined
}

/**
 * What a digest shows of these messages.
 *
 * @param listable those that its reader can still release, in any order
 * @param most how many of them to list
 */
export function viewOf(
  deps: ViewDeps,
  digest: ShownDigest,
  listable: readonly Candidate[],
  most: number,
  now: number,
): DigestView {
  const listed = listable.toSorted(byLikelihood).slice(0, most)
  return {
    reader: digest.reader,
    language: digest.language,
    timeZone: digest.timeZone,
    createdAt: digest.createdAt,
    total: listable.length,
    since: Math.min(digest.createdAt, ...since(listable)),
    entries: listed.flatMap(candidate => entryOf(deps, digest, candidate, now)),
    links: deps.urls.ofDigest(digest, now),
    contact: deps.contact,
  }
}

function entryOf(deps: ViewDeps, digest: ShownDigest, { item, mail }: Candidate, now: number): DigestEntry[] {
  if (!mail) return []
  const link = deps.urls.release(item, digest.createdAt, now)
  const policy = deps.policies[mail.kind]
  return [{ mail, policy, releasableUntil: link.releasableUntil, releaseUrl: link.url }]
}

/** The oldest time alone: a list of 100,000 arguments would overflow the stack. */
function since(candidates: readonly Candidate[]): number[] {
  const oldest = candidates.reduce<Item | undefined>(
    (first, { item }) => (first && first.mailAt <= item.mailAt ? first : item),
    undefined,
  )
  return oldest ? [oldest.mailAt] : []
}
