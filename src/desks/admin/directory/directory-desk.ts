import { given } from '../../given.ts'
import { type CheckDirectoryDeps, checkDirectory } from './check-directory.ts'
import { explainAddress, knownAddress } from './explain-address.ts'

export type DirectoryDeskDeps = CheckDirectoryDeps

/** What admins see of the directory. */
export const directoryDesk = (deps: DirectoryDeskDeps) => ({
  explain: given(deps, explainAddress),
  known: given(deps, knownAddress),
  check: given(deps, checkDirectory),
})

export type DirectoryDesk = ReturnType<typeof directoryDesk>
