import { given } from '../../given.ts'
import type { FindDigestDeps } from '../digests/find-digest.ts'
import { type FindReadersDeps, findReaders } from './find-readers.ts'
import { scopesOfSchedule } from './scopes-of-schedule.ts'
import { waitingMail } from './waiting-mail.ts'

export type ReadersDeskDeps = FindReadersDeps & FindDigestDeps

/** What admins see of readers. */
export const readersDesk = (deps: ReadersDeskDeps) => ({
  list: given(deps, findReaders),
  waitingMail: given(deps, waitingMail),
  scopesOfSchedule: given(deps, scopesOfSchedule),
})

export type ReadersDesk = ReturnType<typeof readersDesk>
