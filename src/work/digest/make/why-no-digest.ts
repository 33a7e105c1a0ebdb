import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import { waitingItems } from '../../../ground/state/waiting-items.ts'
import { type Standing, standingsOf } from './standing.ts'

export interface WhyNoDigestDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
}

/** Messages that wait for a reader and that no digest may list to that reader now. */
export interface KeptBack {
  readonly reader: string
  readonly messages: number
  readonly why: Exclude<Standing, 'reads'>
}

/**
 * For which of these readers the directory lets no digest be made, although messages wait for them: in the order of
 * the readers. A reader of whom at least one message may be listed is not among them.
 */
export async function keptBack(
  { state, directory }: WhyNoDigestDeps,
  readers: readonly string[],
): Promise<KeptBack[]> {
  const found: KeptBack[] = []
  for (const chunk of chunks(readers)) {
    const items = await waitingItems(state)
      .select(['reader', 'recipient'])
      .where('reader', 'in', chunk)
      .orderBy('reader')
      .execute()
    const standingOf = await standingsOf(directory, items)
    for (const [reader, own] of Map.groupBy(items, item => item.reader)) {
      const standings = new Set(own.map(standingOf))
      if (standings.has('reads')) continue
      const why = standings.has('no answer') ? 'no answer' : 'does not read'
      found.push({ reader, messages: own.length, why })
    }
  }
  return found
}

/** A sentence for people. */
export function whyKeptBack({ reader, messages, why }: KeptBack): string {
  const what = messages === 1 ? '1 message waits' : `${messages} messages wait`
  return why === 'no answer'
    ? `${what} for ${reader}. The directory gives no answer, so nobody knows whether this reader still reads them.`
    : `${what} for ${reader}. The directory lets this address get no digests of them: the mailbox is switched off or does not exist, or the mail is read by others.`
}
