import type { Answer, DirectoryReader } from '../../ground/directory/directory.ts'
import { readerAddress } from '../../ground/directory/reader-address.ts'
import { isReader } from '../../ground/directory/readers-of.ts'
import type { SignedIn } from '../../ground/sign-in/people.ts'

/** A reader who may sign in: somebody to whom the directory gives a mailbox. */
export interface Reader extends SignedIn {
  readonly kind: 'reader'
}

/**
 * The reader to whom a link may be mailed that was asked for by this address: the only one who reads its mail. Of several,
 * each would get the link, and could sign in as another.
 */
export function readerBehind({ readers }: Answer): Reader | undefined {
  const [only] = readers
  return only && readers.length === 1 && !only.isOff ? readerOf(only) : undefined
}

/**
 * The reader whom a server vouches for by this address: the only one who reads its mail, or the one whose mailbox has
 * this very address, although others get copies of its mail.
 */
export function readerVouchedFor(answer: Answer, address: string): Reader | undefined {
  const own = readerAddress(address)
  return own !== undefined && isReader(answer, own)
    ? { kind: 'reader', address: own, mailTo: own }
    : readerBehind(answer)
}

const readerOf = ({ address }: DirectoryReader): Reader => ({ kind: 'reader', address, mailTo: address })
