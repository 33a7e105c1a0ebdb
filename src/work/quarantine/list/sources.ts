import type { Kysely } from 'kysely'
import { lastSlice } from '../../../ground/amavis/quarantine/amounts.ts'
import {
  type FoundRow,
  rowsBetween,
  rowsOfAddresses,
  rowsOfMailIds,
  rowsOfSenders,
} from '../../../ground/amavis/quarantine/found-rows.ts'
import type { Recipients } from '../../../ground/amavis/quarantine/recipients.ts'
import type { RowFilter } from '../../../ground/amavis/quarantine/row-filter.ts'
import type { Seconds } from '../../../ground/amavis/quarantine/seconds.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Matcher } from '../../../rules/search/matches.ts'
import { type Candidate, candidatesOf } from './candidates.ts'

/** What all sources of candidates read by. */
export interface Reading {
  readonly storage: Kysely<AmavisTables>
  readonly filter: RowFilter
  readonly matcher: Matcher
}

/** Gives candidates, the latest seconds first. */
export interface Source {
  /**
   * Reads the candidates of the last of some seconds.
   * @param most about how many messages to look at
   */
  read(seconds: Seconds, most: number): Promise<Stretch>
}

export interface Stretch {
  readonly candidates: readonly Candidate[]
  /** The first second that was looked through. */
  readonly from: number
}

/** Mail found among all mail, by its time. */
export const mailByTime = ({ storage, filter, matcher }: Reading, recipients: Recipients): Source => ({
  async read({ from, to }, most) {
    const slice = await lastSlice(storage, { from, to }, most)
    if (slice.messages === 0) return { from, candidates: [] }
    const rows = await rowsBetween(storage, { from: slice.from, to }, recipients, filter)
    return { from: slice.from, candidates: candidatesOf(rows, matcher) }
  },
})

/** The most rows of `msgrcpt` that are few. Reading them all takes some 40 ms. */
export const FEW = 4000

/** Mail for addresses that get little: found by the address. */
export const mailForFew = ({ storage, filter, matcher }: Reading, recipientIds: readonly number[]): Source =>
  latestRows(
    matcher,
    most => (matcher.isSelective ? FEW : Math.min(FEW, Math.max(most, 100))),
    (seconds, most) => rowsOfAddresses(storage, recipientIds, seconds, filter, most),
  )

/** The latest mail of senders who send little, by the envelope. */
export const mailOfSenders = ({ storage, filter, matcher }: Reading, senderIds: readonly number[]): Source =>
  latestRows(
    matcher,
    () => LATEST,
    (seconds, most) => rowsOfSenders(storage, senderIds, seconds, filter, most),
  )

/** Rows: more than pages show on which one looks for a sender. */
const LATEST = 500

/** Rows of which each statement reads all and sorts them, so that few statements are better than small ones. */
const latestRows = (
  matcher: Matcher,
  limitOf: (most: number) => number,
  rowsOf: (seconds: Seconds, most: number) => Promise<readonly FoundRow[]>,
): Source => ({
  async read(seconds, most) {
    const limit = limitOf(most)
    const rows = await rowsOf(seconds, limit)
    const last = rows.at(-1)
    if (!last || rows.length < limit) return { from: seconds.from, candidates: candidatesOf(rows, matcher) }
    // Of the last second, some may have been cut off.
    const others = rows.filter(({ timeNum }) => timeNum > last.timeNum)
    if (others.length > 0) return { from: last.timeNum + 1, candidates: candidatesOf(others, matcher) }
    const whole = await rowsOf({ from: last.timeNum, to: last.timeNum }, MOST_IN_A_SECOND)
    return { from: last.timeNum, candidates: candidatesOf(whole, matcher) }
  },
})

const MOST_IN_A_SECOND = 100_000

/** The mail with these ids, in whatever partition. */
export const mailById = ({ storage, filter, matcher }: Reading, mailIds: readonly string[]): Source => ({
  async read(seconds) {
    const rows: FoundRow[] = []
    for (const chunk of chunks(mailIds)) rows.push(...(await rowsOfMailIds(storage, chunk, seconds, filter)))
    return { from: seconds.from, candidates: candidatesOf(rows, matcher) }
  },
})
