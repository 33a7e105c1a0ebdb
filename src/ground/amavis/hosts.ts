import type { Kysely } from 'kysely'
import { textOf } from '../database/text.ts'
import { DAY, MINUTE, SECOND } from '../durations.ts'
import { type HeldMailFilter, heldBetween } from './held-mail-between.ts'
import { messagesWithRecipients } from './messages.ts'
import type { AmavisTables } from './tables.ts'

export interface OtherHostDeps {
  readonly storage: Kysely<AmavisTables>
  readonly filter: HeldMailFilter
  /** The hosts that are known, in lower case. */
  readonly hosts: readonly string[]
  /** How long the quarantine keeps mail, in milliseconds. */
  readonly retention: number
  /** Milliseconds since the epoch. */
  readonly clock: () => number
}

/**
 * Returns a function that finds an amavisd besides the known ones that holds mail; undefined when there is none. The
 * first search goes through the whole quarantine, a day at a time from the newest on; later ones see only what is new.
 */
export function otherHostFinder(deps: OtherHostDeps): () => Promise<string | undefined> {
  let found: { readonly host: string; readonly until: number } | undefined
  let searchedUntil: number | undefined
  return async () => {
    const now = deps.clock()
    if (found && now < found.until) return found.host
    const from = Math.max(now - deps.retention, (searchedUntil ?? 0) - OVERLAP)
    for (let to = now + DAY; to > from; to -= DAY) {
      const other = await otherHostBetween(deps, Math.max(from, to - DAY), to)
      if (other === undefined) continue
      found = { host: textOf(other.host).trim(), until: Number(other.time_num) * SECOND + deps.retention }
      return found.host
    }
    searchedUntil = now
    return undefined
  }
}

/** Milliseconds. amavisd writes a message's row some minutes after the time that stands in it. */
const OVERLAP = 15 * MINUTE

const otherHostBetween = ({ storage, filter, hosts }: OtherHostDeps, from: number, to: number) =>
  messagesWithRecipients(storage)
    .select(['msgs.host', 'msgs.time_num'])
    .where(heldBetween(filter, Math.floor(from / SECOND), Math.ceil(to / SECOND)))
    .where(({ eb, fn }) => eb(fn<string>('lower', ['msgs.host']), 'not in', withFinalDot(hosts)))
    .limit(1)
    .executeTakeFirst()

const withFinalDot = (hosts: readonly string[]): string[] => hosts.flatMap(host => [host, `${host}.`])
