import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isHelpDesk, type Viewer } from '../../../rules/reach/viewer.ts'

/** A viewer as our table keeps them until their work is done. `only` has to be small. */
export function viewerText(viewer: Viewer): string {
  // What limits somebody is always written: were it left out, nothing would limit them.
  const limits =
    viewer.as === 'reader'
      ? { only: viewer.only ? [...viewer.only] : null, within: viewer.within ?? null }
      : { reach: viewer.reach ?? null }
  return JSON.stringify({ ...viewer, ...limits })
}

/** Undefined for a text that is no viewer: people may change tables, and another version may write more. */
export function parseViewer(text: string): Viewer | undefined {
  try {
    return VIEWER.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

/** Tells those apart who may see what they have begun. A link never shows what a session has begun. */
export function ownerOf(viewer: Viewer): string {
  const { kind, name } = viewer.actor
  const door = viewer.as === 'reader' ? [viewer.visitor.by, viewer.visitor.byCopy?.digestId ?? ''] : []
  // Others see by their name alone whose it is.
  const whose = isHelpDesk(viewer) ? [viewer.visitor.reader] : []
  return createHash('sha256')
    .update([viewer.as, kind, name, ...door, ...whose].join('\0'))
    .digest('base64url')
}

const BY_COPY = z.object({ digestId: z.string(), deliverTo: z.string() })

const ACTOR = z.object({
  kind: z.enum(['reader', 'admin', 'program']),
  name: z.string(),
  remoteAddress: z.string().nullable(),
  byCopy: BY_COPY.optional(),
})

const VISITOR = z.object({
  reader: z.string(),
  by: z.enum(['link', 'session', 'helpDesk']),
  may: z.array(
    z.enum(['read', 'release', 'settings', 'destination', 'digest', 'senders', 'learn', 'decide']),
  ),
  byCopy: BY_COPY.optional(),
})

const REACH = z
  .array(z.string())
  .nullable()
  .transform(domains => domains ?? undefined)

const VIEWER: z.ZodType<Viewer> = z.discriminatedUnion('as', [
  z.object({
    as: z.literal('reader'),
    visitor: VISITOR,
    actor: ACTOR,
    only: z
      .array(z.string())
      .nullable()
      .transform(ids => (ids === null ? undefined : new Set(ids))),
    // An older version has not written it, and had no help desk.
    within: REACH.optional(),
  }),
  z.object({
    as: z.literal('admin'),
    actor: ACTOR,
    reach: REACH,
    may: z.array(z.enum(['read', 'release', 'download', 'virus', 'decide', 'senders', 'learn'])),
  }),
])
