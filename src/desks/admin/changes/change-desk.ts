import { given } from '../../given.ts'
import { type AuditDeps, findAudit } from './find-changes.ts'

/** What admins see of the audit: who did what. */
export const changeDesk = (deps: AuditDeps) => ({
  list: given(deps, findAudit),
})

export type ChangeDesk = ReturnType<typeof changeDesk>
