import { isHelpDesk, type Viewer } from '../../rules/reach/viewer.ts'
import type { HeldRef } from '../../work/collect/held-ref.ts'
import { itemIdFor } from '../../work/collect/item-id.ts'
import { hasOpened, type LookDeps, recordLook, recordOpening } from '../../work/looks/record-look.ts'
import type { ListedHeld } from '../../work/quarantine/held-list.ts'
import type { QuarantineDesk } from '../quarantine/quarantine-desk.ts'

export interface RecordedQuarantineDeps extends LookDeps {
  readonly quarantine: QuarantineDesk
}

/**
 * The quarantine's desk for somebody who is not the reader: what they see is in the audit before they see it. A failure
 * to write that down shows them nothing.
 */
export const recordedQuarantine = (deps: RecordedQuarantineDeps): QuarantineDesk => ({
  ...deps.quarantine,
  async list(viewer, request) {
    const found = await deps.quarantine.list(viewer, request)
    if (isHelpDesk(viewer)) await recordLook(deps, viewer, 'list')
    return found
  },
  async summary(viewer, request) {
    const summary = await deps.quarantine.summary(viewer, request)
    if (isHelpDesk(viewer)) await recordLook(deps, viewer, 'list')
    return summary
  },
  async open(viewer, ref, request) {
    const opened = await deps.quarantine.open(viewer, ref, request)
    await recordAll(deps, viewer, opened.recipients)
    return opened
  },
  async html(viewer, ref) {
    const html = await deps.quarantine.html(viewer, ref)
    await recordPart(deps, viewer, ref)
    return html
  },
  async headers(viewer, ref) {
    const headers = await deps.quarantine.headers(viewer, ref)
    await recordPart(deps, viewer, ref)
    return headers
  },
})

async function recordAll(deps: LookDeps, viewer: Viewer, recipients: readonly ListedHeld[]): Promise<void> {
  if (!isHelpDesk(viewer)) return
  for (const { heldId, recipient, ref } of recipients) {
    const itemId = itemIdFor(heldId, recipient, viewer.visitor.reader)
    await recordOpening(deps, viewer, { itemId, recipient, ref })
  }
}

/** The page of a message frames its HTML. Who asks for that alone has opened the message as well. */
async function recordPart(deps: RecordedQuarantineDeps, viewer: Viewer, ref: HeldRef): Promise<void> {
  if (!isHelpDesk(viewer) || (await hasOpened(deps, viewer, ref))) return
  const { recipients } = await deps.quarantine.open(viewer, ref, { isLook: false })
  await recordAll(deps, viewer, recipients)
}
