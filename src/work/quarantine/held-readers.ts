import type { Directory } from '../../ground/directory/directory.ts'
import { answersFor } from '../../ground/directory/readers-of.ts'
import { reaches } from '../../rules/reach/reach.ts'
import type { AdminViewer } from '../../rules/reach/viewer.ts'

/**
 * Who gets digests about the mail of these recipients. An admin of some domains is told of readers there.
 *
 * @returns by recipient; one is missing about whom the directory gives no answer now
 */
export async function heldReaders(
  { directory }: { readonly directory: Directory },
  { reach }: AdminViewer,
  recipients: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const answers = await answersFor(directory, [...new Set(recipients)])
  return new Map(
    [...answers].map(([recipient, { readers }]) => {
      const active = readers.filter(({ address, isOff }) => !isOff && reaches(reach, address))
      return [recipient, active.map(({ address }) => address)]
    }),
  )
}
