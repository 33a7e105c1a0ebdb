import { given } from '../../given.ts'
import type { FindDigestDeps } from '../digests/find-digest.ts'
import { type ReadersDeps, readersOf } from '../reach/readers-in-reach.ts'
import { type FindReadersDeps, findReaders } from './find-readers.ts'
import { scopesOfSchedule } from './scopes-of-schedule.ts'
import { waitingMail } from './waiting-mail.ts'

export type ReadersDeskDeps = FindReadersDeps & FindDigestDeps & ReadersDeps

/** What admins see of readers. */
export const readersDesk = (deps: ReadersDeskDeps) => ({
  list: given(deps, findReaders),
  readersOf: given(deps, readersOf),
  waitingMail: given(deps, waitingMail),
  scopesOfSchedule: given(deps, scopesOfSchedule),
})

export type ReadersDesk = ReturnType<typeof readersDesk>
