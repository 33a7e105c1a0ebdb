import { sendersModel } from '../../mail/senders-model.ts'
import { asPath } from '../frame/as-path.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { type AsViewerDeps, lookingAs, viewerOf } from './as-viewer.ts'

/** GET /admin/as/ADDRESS/senders?of=OWNER&page=NUMBER: whom the reader allows and blocks. Nothing is changed here. */
export const asSenders =
  (deps: AsViewerDeps): AdminHandler =>
  async visit => {
    const viewer = await viewerOf(deps, visit)
    const seen = await deps.helpDesk.senders(viewer, visit.query.get('of') ?? '')
    const page = Number(visit.query.get('page') ?? 1)
    const path = `${asPath(viewer.visitor.reader)}/senders`
    visit.show({
      page: 'as-senders',
      section: 'as',
      lookingAs: lookingAs(deps, viewer),
      model: writer => sendersModel({ ...seen, path, page }, writer),
    })
  }
