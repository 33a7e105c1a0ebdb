import { z } from 'zod'
import type { AuditLine } from '../../../../desks/admin/changes/find-changes.ts'
import { component } from '../protocol/components.ts'
import { cursorOf, placeOf } from '../protocol/cursor.ts'
import { isoTime, pageOf, paging, time } from '../protocol/fields.ts'
import { operation } from '../protocol/operation.ts'

export const auditLine = component(
  'AuditLine',
  z.object({
    id: z.string(),
    at: time,
    actorKind: z.enum(['reader', 'admin', 'program']),
    actor: z.string(),
    remoteAddress: z.string().nullable(),
    action: z.string(),
    itemId: z.string().nullable(),
    mailId: z.string().nullable(),
    digestId: z.string().nullable(),
    recipient: z.string().nullable(),
    outcome: z.string(),
    detail: z.string().nullable(),
  }),
)

const auditPage = component('AuditPage', pageOf(auditLine))

export const AUDIT_OPERATIONS = [
  operation({
    method: 'get',
    path: '/audit',
    operationId: 'listAudit',
    tag: 'Audit',
    summary: 'Who did what, the newest first',
    description: 'A key for some domains sees what concerned these, of the last 30 days.',
    scope: 'read',
    query: paging,
    replies: { 200: { description: 'A part of the list.', schema: auditPage } },
    handle: async ({ desk }, { query, by }) => {
      const found = await desk.changes.list(by.reach, { after: placeOf(query.cursor), limit: query.limit })
      return { body: { items: found.rows.map(auditJson), next: cursorOf(found.next) } }
    },
  }),
]

export const auditJson = (found: AuditLine): z.output<typeof auditLine> => ({
  ...found,
  at: isoTime(found.at),
})
