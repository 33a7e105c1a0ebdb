import type { Kysely } from 'kysely'
import {
  lastSlice,
  messagesBetween,
  messagesByKey,
  messagesOfSenders,
  type Seconds,
} from '../../../ground/amavis/quarantine/stored-messages.ts'
import {
  type RecipientFilter,
  recipientsBetween,
  recipientsByAddress,
  recipientsOf,
  recipientsOfMailId,
  type TimedRecipient,
} from '../../../ground/amavis/quarantine/stored-recipients.ts'
import type { AmavisTables } from '../../../ground/amavis/tables.ts'
import type { Matcher } from '../../../rules/search/matches.ts'
import { type AddressBook, type Candidate, candidatesOf, wantedMessages } from './candidates.ts'

/** What all sources of candidates read by. */
export interface Reading {
  readonly storage: Kysely<AmavisTables>
  readonly filter: RecipientFilter
  readonly matcher: Matcher
  readonly book: AddressBook
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
  readonly messages: number
}

/** All mail, by its time. */
export const allMail = (reading: Reading): Source => ({
  async read({ from, to }, most) {
    const slice = await lastSlice(reading.storage, { from, to }, most)
    const messages = await messagesBetween(reading.storage, { from: slice.from, to })
    const wanted = await wantedMessages(messages, reading.matcher, reading.book)
    const recipients = await recipientsOf(reading.storage, wanted, reading.filter)
    return { ...slice, candidates: await candidatesOf(wanted, recipients, reading.matcher, reading.book) }
  },
})

/** Mail for addresses that get much: found among all mail, by its time. */
export const mailForMany = (reading: Reading, recipientIds: readonly number[]): Source => ({
  async read({ from, to }, most) {
    const slice = await lastSlice(reading.storage, { from, to }, most)
    const seconds = { from: slice.from, to }
    const recipients = await recipientsBetween(reading.storage, recipientIds, seconds, reading.filter)
    return { ...slice, candidates: await withMessages(reading, recipients) }
  },
})

/** Mail for addresses that get little: found by the address. */
export const mailForFew = (reading: Reading, recipientIds: readonly number[]): Source => ({
  async read(seconds, most) {
    const limit = reading.matcher.isSelective ? FEW : Math.min(FEW, Math.max(most, 100))
    const rows = await recipientsByAddress(reading.storage, recipientIds, seconds, reading.filter, limit)
    const { recipients, from } = wholeSeconds(rows, limit, seconds.from)
    return { candidates: await withMessages(reading, recipients), from, messages: rows.length }
  },
})

/** The most rows of `msgrcpt` that are few. Reading them all takes some 40 ms. */
export const FEW = 4000

/** Rows that were cut off may lack some of the last second; unless it has all of them. */
function wholeSeconds(
  rows: readonly TimedRecipient[],
  limit: number,
  from: number,
): { readonly recipients: readonly TimedRecipient[]; readonly from: number } {
  const last = rows.at(-1)
  if (rows.length < limit || limit === FEW || !last) return { recipients: rows, from }
  const recipients = rows.filter(({ timeNum }) => timeNum > last.timeNum)
  return recipients.length > 0
    ? { recipients, from: last.timeNum + 1 }
    : { recipients: rows, from: last.timeNum }
}

/** The latest mail of senders, by the envelope. */
export const mailOfSenders = (reading: Reading, senderIds: readonly number[]): Source => ({
  async read(seconds) {
    const { storage, filter, matcher, book } = reading
    const messages = await messagesOfSenders(storage, senderIds, seconds, LATEST)
    const wanted = await wantedMessages(messages, matcher, book)
    const recipients = await recipientsOf(storage, wanted, filter)
    return {
      candidates: await candidatesOf(wanted, recipients, matcher, book),
      from: messages.length < LATEST ? seconds.from : (messages.at(-1)?.timeNum ?? seconds.from),
      messages: messages.length,
    }
  },
})

/** Messages: more than pages show on which one looks for a sender. */
const LATEST = 500

/** The mail with these ids, in whatever partition. */
export const mailById = (reading: Reading, mailIds: readonly string[]): Source => ({
  async read(seconds) {
    const recipients = await recipientsOfMailId(reading.storage, mailIds, reading.filter)
    const candidates = await withMessages(reading, recipients)
    return {
      candidates: candidates.filter(({ timeNum }) => timeNum >= seconds.from && timeNum <= seconds.to),
      from: seconds.from,
      messages: candidates.length,
    }
  },
})

async function withMessages(
  { storage, matcher, book }: Reading,
  recipients: Parameters<typeof candidatesOf>[1],
): Promise<Candidate[]> {
  const messages = await messagesByKey(storage, recipients)
  return candidatesOf(await wantedMessages(messages, matcher, book), recipients, matcher, book)
}
