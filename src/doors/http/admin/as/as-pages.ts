import type { ListDeps } from '../../quarantine/list/list-page.ts'
import { listPages } from '../../quarantine/list/list-pages.ts'
import { messagePages } from '../../quarantine/message-pages.ts'
import type { MessageDeps } from '../../quarantine/message-show.ts'
import type { QuarantineHandler } from '../../quarantine/quarantine-visit.ts'
import type { Page } from '../../web/page.ts'
import { paramsOf } from '../../web/request-url.ts'
import { asPath, FIND_PATH } from '../frame/as-path.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { adminView } from '../held/held-pages.ts'
import { asSenders } from './as-senders.ts'
import { asSettings } from './as-settings.ts'
import { type AsViewerDeps, lookingAs, viewerOf } from './as-viewer.ts'
import { findReader } from './find-reader.ts'

export interface AsPagesDeps
  extends DeskDeps,
    AsViewerDeps,
    Omit<ListDeps, 'quarantine'>,
    Omit<MessageDeps, 'quarantine'> {
  readonly timeZone: string
}

/**
 * What readers see, for those whom they ask for help: the readers in reach, and below `/admin/as/ADDRESS` the pages that
 * readers have below `/mail`. Somebody of the help desk sees these pages and no other of the admins'.
 */
export const asPages = (deps: AsPagesDeps): readonly Page<AdminHandler>[] => {
  const quarantine = { ...deps, quarantine: deps.helpDesk.quarantine }
  return [
    { path: FIND_PATH, get: findReader(deps) },
    { path: `${ROOT}/settings`, get: asSettings(deps) },
    { path: `${ROOT}/senders`, get: asSenders(deps) },
    ...[...listPages(quarantine), ...messagePages(quarantine)].map(({ path, get, post }) => ({
      path: ROOT + path,
      ...(get && { get: asReader(deps, get) }),
      ...(post && { post: asReader(deps, post) }),
    })),
  ]
}

const ROOT = `${FIND_PATH}/:reader`

/** Turns a visit of an admin into one of a reader's quarantine. */
const asReader =
  (deps: AsPagesDeps, handle: QuarantineHandler): AdminHandler =>
  async visit => {
    const { request, response, query, form, show, goTo } = visit
    const viewer = await viewerOf(deps, visit)
    await handle({
      request,
      response,
      viewer,
      root: asPath(viewer.visitor.reader),
      params: paramsOf(request),
      query,
      form,
      timeZone: deps.timeZone,
      show({ page, model, refresh }, status) {
        if (refresh !== undefined) response.set('Refresh', String(refresh))
        show({ ...adminView({ page, model }), section: 'as', lookingAs: lookingAs(deps, viewer) }, status)
      },
      goTo,
    })
  }
