import type { HeldMailKey } from '../../ground/amavis/held-mail.ts'
import { domainOf, readerAddress } from '../../ground/directory/reader-address.ts'
import { DAY, SECOND } from '../../ground/durations.ts'
import type { Matcher } from '../../rules/search/matches.ts'
import { EMPTY_SEARCH, SEARCH_STATES, type Search } from '../../rules/search/search.ts'
import { matchesSender } from '../../rules/senders/matches-sender.ts'
import { ALL_OWNERS } from '../../rules/senders/owner.ts'
import type { SenderPattern } from '../../rules/senders/sender-entry.ts'
import { comparedAddresses } from '../../rules/senders/sender-of-message.ts'
import type { Candidate } from '../quarantine/list/candidates.ts'
import { gather } from '../quarantine/list/gather.ts'
import { mailSentBy, mailTo, mailWithin } from '../quarantine/list/scope.ts'
import { FEW, type Reading, type Source } from '../quarantine/list/sources.ts'
import { rowFilter } from '../quarantine/listed-state.ts'
import type { Owner } from './keeper.ts'
import type { SenderDeps } from './sender-deps.ts'

/** What an entry would have done to the mail of the last 30 days. */
export interface EntryEffect {
  /** Messages held as spam that it would have let through; for a block: that came from there. */
  readonly count: number
  /** There may be more: looking stopped. */
  readonly isAtLeast: boolean
}

/**
 * Counts the spam of the last 30 days for an owner from whom an entry is about, by the envelope or the From field, as
 * amavisd compares both. It reads along amavis's own indexes, the newest mail first, and stops after a while; then older
 * mail counts only where the envelope has the very address.
 *
 * @param but a message that does not count
 */
export async function effectOf(
  deps: Pick<SenderDeps, 'storage' | 'clock' | 'recipientDelimiter'>,
  owner: Owner,
  sender: SenderPattern,
  but?: HeldMailKey,
): Promise<EntryEffect> {
  const now = deps.clock()
  const reading = { storage: deps.storage, filter: SPAM, matcher: matcherOf(sender, deps.recipientDelimiter) }
  const window = { from: Math.ceil((now - MONTH) / SECOND), to: Math.ceil(now / SECOND) }
  const { lines, stoppedAt } = await gather(await mailOf(reading, owner, now), {
    start: { timeNum: window.to },
    from: window.from,
    enough: MOST + 1,
    linesOf: candidates => candidates.map(candidate => [candidate]),
    sift: async candidates => candidates,
    until: now + PATIENCE,
    clock: deps.clock,
  })
  const older =
    stoppedAt && lines.length <= MOST
      ? await olderByEnvelope(reading, owner, sender, { from: window.from, to: stoppedAt.timeNum })
      : []
  const found = [...lines.flat(), ...older].filter(candidate => !but || !isSame(candidate, but))
  return { count: Math.min(MOST, found.length), isAtLeast: stoppedAt !== undefined || found.length > MOST }
}

const MONTH = 30 * DAY

/** More than anybody compares. */
const MOST = 1000

/** Milliseconds. */
const PATIENCE = 80

const IS_SPAM: Search = {
  ...EMPTY_SEARCH,
  kinds: [{ value: 'spam', not: false }],
  states: SEARCH_STATES.filter(state => state !== 'unread').map(value => ({ value, not: false })),
}

const SPAM = rowFilter(IS_SPAM, true)

const matcherOf = (pattern: SenderPattern, delimiter: string): Matcher => ({
  isSelective: true,
  message: ({ from }, sender) => matchesSender(pattern, comparedAddresses({ sender, from }), delimiter),
  recipient: ({ kind }) => kind === 'spam',
})

/** @param now milliseconds since the epoch */
function mailOf(reading: Reading, owner: Owner, now: number): Promise<Source> {
  if (owner === ALL_OWNERS) return mailWithin(reading, undefined, now)
  return owner.startsWith('@') ? mailWithin(reading, [domainOf(owner)], now) : mailTo(reading, [owner])
}

async function olderByEnvelope(
  reading: Reading,
  owner: Owner,
  sender: SenderPattern,
  seconds: { readonly from: number; readonly to: number },
): Promise<readonly Candidate[]> {
  if (sender.startsWith('@')) return []
  const sent = await mailSentBy(reading, sender)
  const read = await sent?.read(seconds, FEW)
  return read?.candidates.filter(({ recipient }) => isFor(owner, recipient)) ?? []
}

function isFor(owner: Owner, recipient: string): boolean {
  const address = readerAddress(recipient)
  if (owner === ALL_OWNERS) return true
  return address !== undefined && (owner.startsWith('@') ? `@${domainOf(address)}` : address) === owner
}

const isSame = (one: HeldMailKey, other: HeldMailKey): boolean =>
  one.mailId === other.mailId && one.partitionTag === other.partitionTag && one.rseqnum === other.rseqnum
