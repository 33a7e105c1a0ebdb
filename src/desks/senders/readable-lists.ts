import { CodedError } from '../../ground/errors.ts'
import type { ListsOfOwner } from '../../ground/senders/sender-lists.ts'

/** For a page that shows lists among other things. @returns undefined while the lists cannot be read */
export async function readableLists(reading: Promise<ListsOfOwner>): Promise<ListsOfOwner | undefined> {
  try {
    return await reading
  } catch (error) {
    if (error instanceof CodedError && AWAY.has(error.code)) return undefined
    throw error
  }
}

const AWAY: ReadonlySet<string> = new Set(['SENDERS_UNREACHABLE', 'SENDERS_REFUSED'])
