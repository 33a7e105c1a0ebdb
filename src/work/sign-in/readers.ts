import type { Answer, Directory } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { isReader } from '../../ground/directory/readers-of.ts'
import { isDirectoryAway } from '../../ground/directory/unless-away.ts'
import { CodedError } from '../../ground/errors.ts'
import { onePerson, type People } from '../../ground/sign-in/people.ts'
import { type Reader, readerBehind, readerVouchedFor } from '../../rules/reach/readers.ts'

export interface ReadersDeps {
  /** The directory itself, which throws while it is away. */
  readonly live: Directory
  /** What it has answered before. */
  readonly remembered: Directory
  /** The directory, or what it has answered before while it is away. It is asked each time, and its answer is kept. */
  readonly fresh: Directory
  /**
   * Whether a link may be mailed to this reader, as far as our own tables can tell. Where each address reads its own mail,
   * strangers could otherwise have mail sent to anybody.
   */
  readonly isKnownHere: (reader: string) => Promise<boolean>
}

/** The readers of the directory, who may sign in. */
export const readersWhoSignIn = ({ live, remembered, fresh, isKnownHere }: ReadersDeps): People<Reader> => {
  // What strangers ask for is not kept: they could fill our table of answers.
  const answerFor = async (address: string): Promise<Answer | undefined> => {
    try {
      return (await live.find([address])).get(address)
    } catch (error) {
      const known = isDirectoryAway(error) ? (await remembered.find([address])).get(address) : undefined
      if (known) return known
      throw error
    }
  }
  return {
    kind: 'reader',
    async find(typed) {
      const address = readerAddress(typed.trim())
      const answer = address === undefined ? undefined : await answerFor(address)
      const reader = answer && readerBehind(answer)
      return reader && (await isKnownHere(reader.address)) ? reader : undefined
    },
    async still(address) {
      const answer = (await fresh.find([address])).get(address)
      if (!answer)
        throw new CodedError('DIRECTORY_UNREACHABLE', 'The directory cannot tell now whose mailbox it is.')
      return isReader(answer, address) ? { kind: 'reader', address, mailTo: address } : undefined
    },
    async vouchedFor(addresses) {
      const normal = addresses.flatMap(address => readerAddress(address.trim()) ?? [])
      const found = await Promise.all(
        [...new Set(normal)].map(async address => {
          const answer = await answerFor(address)
          return answer && readerVouchedFor(answer, address)
        }),
      )
      return onePerson(found)
    },
  }
}
