import type { Directory } from '../../../ground/directory/directory.ts'
import { findUnlessAway } from '../../../ground/directory/unless-away.ts'
import { type Reach, reaches } from '../../../rules/reach/reach.ts'
import { isReader } from '../../../rules/settings/scope.ts'

/**
 * Why the directory lets an address get no digests, so that its settings change nothing, as a sentence for admins.
 * Undefined when it gets them, when the directory gives no answer now, and for domains and everybody. Not to be called
 * in a transaction: the directory may need our tables, too.
 */
export async function whyNone(
  directory: Directory,
  reach: Reach,
  scope: string,
): Promise<string | undefined> {
  if (!isReader(scope)) return undefined
  const readers = (await findUnlessAway(directory, [scope])).get(scope)?.readers
  const own = readers?.find(({ address }) => address === scope)
  if (!readers || own?.isOff === false) return undefined
  if (own) return `By the directory ${scope} is switched off: it gets no digests until it is on again.`
  const shown = readers.map(({ address }) => address).filter(address => reaches(reach, address))
  return `By the directory ${scope} gets no digests, so its settings change nothing: its mail is read by ${readers.length === 0 ? 'nobody' : shown.slice(0, MOST_SHOWN).join(', ') || 'others'}.`
}

const MOST_SHOWN = 10
