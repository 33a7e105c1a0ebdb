import { listOperation } from '../../protocol/list-operation.ts'
import { auditJson, auditLine } from './audit-line.ts'

/** The operation on the audit. */
export const AUDIT_OPERATIONS = [
  listOperation({
    path: '/audit',
    operationId: 'listAudit',
    tag: 'Audit',
    summary: 'Lists who did what, newest first',
    description: 'A key for some domains sees what concerned their readers in the last 30 days.',
    page: 'AuditPage',
    item: auditLine,
    list: ({ desk }, { query, by }) => desk.changes.list(by.reach, query),
    json: auditJson,
  }),
]
