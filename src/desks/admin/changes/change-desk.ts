import { given } from '../../given.ts'
import { findAudit } from './find-changes.ts'
import { type ChangesDeps, findChanges } from './find-changes-with-mail.ts'

/** What admins see of the audit: who did what. */
export const changeDesk = (deps: ChangesDeps) => ({
  list: given(deps, findAudit),
  listWithMail: given(deps, findChanges),
})

export type ChangeDesk = ReturnType<typeof changeDesk>
