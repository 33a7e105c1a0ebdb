import type { Directory } from '../../../ground/directory/directory.ts'
import type { Candidate } from '../make/candidates.ts'
import { type Reading, type Standing, standingsOf } from '../make/standing.ts'
import type { DigestHistory } from '../show/digest-history.ts'
import type { LeasedDigest } from './outbox.ts'

interface Leased {
  readonly digest: LeasedDigest
  /** The messages that it claims. */
  readonly candidates: readonly Candidate[]
  readonly history: DigestHistory
}

interface Present extends Pick<Leased, 'candidates' | 'history'> {
  /** Messages that are no longer the reader's. They are to be taken out of the digest, and wait. */
  readonly moved: readonly Candidate[]
  /** Why its reader must not get it at all; undefined when it may be sent. */
  readonly readerGone: string | undefined
  /** Why it has to wait; undefined when it need not. */
  readonly mustWait: string | undefined
}

/**
 * Looks up who reads the mail of leased digests now. Since a digest was made, an alias may have moved, and a mailbox may
 * have been removed or switched off. Messages that are no longer the reader's are not shown. A digest that is being
 * resent keeps them nevertheless, because they were mailed. The directory is asked once for all digests.
 */
export async function withPresentReaders<Digest extends Leased>(
  { directory }: { readonly directory: Directory },
  leased: readonly Digest[],
): Promise<(Digest & Present)[]> {
  const standingOf = await standingsOf(directory, leased.flatMap(readingsOf))
  return leased.map(entry => ({ ...entry, ...presentOf(entry, standingOf) }))
}

/** All that the digest is about. An empty one says that nothing is held for its reader's own address. */
const readingsOf = ({ digest, candidates, history }: Leased): readonly Reading[] => [
  ...(digest.itemCount === 0 ? [ownMail(digest)] : itemsOf(candidates)),
  ...itemsOf(history.waiting),
]

const ownMail = ({ reader }: LeasedDigest): Reading => ({ recipient: reader, reader })

const itemsOf = (candidates: readonly Candidate[]) => candidates.map(({ item }) => item)

function presentOf(
  { digest, candidates, history }: Leased,
  standingOf: (item: Reading) => Standing,
): Present {
  const isOwn = ({ item }: Candidate) => standingOf(item) === 'reads'
  const standings =
    digest.itemCount === 0 ? [standingOf(ownMail(digest))] : itemsOf(candidates).map(standingOf)
  const isGone = standings.length > 0 && standings.every(standing => standing === 'does not read')
  // A digest that ends gives all its messages back.
  const keepsAll = digest.resent > 0 || isGone
  return {
    candidates: candidates.filter(isOwn),
    history: { ...history, waiting: history.waiting.filter(isOwn) },
    moved: keepsAll ? [] : candidates.filter(({ item }) => standingOf(item) === 'does not read'),
    readerGone: isGone ? GONE : undefined,
    mustWait: standings.includes('no answer') ? NO_ANSWER : undefined,
  }
}

const GONE =
  'the directory no longer lets this reader get digests of this mail: the mailbox was removed or switched off, or its addresses were given to others; its messages wait'

const NO_ANSWER = 'the directory gives no answer, so nobody knows whether this reader still reads this mail'
