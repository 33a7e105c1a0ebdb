import type { ListDeps } from '../../quarantine/list/list-page.ts'
import { listPages } from '../../quarantine/list/list-pages.ts'
import { messageFiles, messagePages } from '../../quarantine/message-pages.ts'
import type { MessageDeps } from '../../quarantine/message-show.ts'
import type { QuarantineHandler, QuarantineView } from '../../quarantine/quarantine-visit.ts'
import type { Page } from '../../web/page.ts'
import { paramsOf } from '../../web/request-url.ts'
import type { AdminView } from '../frame/admin-pages.ts'
import type { AdminHandler } from '../frame/visit.ts'

export interface HeldRouteDeps extends ListDeps, Omit<MessageDeps, 'quarantine'> {
  /** The admins', in which days begin. */
  readonly timeZone: string
}

/** The quarantine, as admins see it. */
export const heldPages = (deps: HeldRouteDeps): readonly Page<AdminHandler>[] =>
  [...listPages(deps), ...messagePages(deps), ...messageFiles(deps)].map(({ path, get, post }) => ({
    path: ROOT + path,
    ...(get && { get: asAdmin(deps, get) }),
    ...(post && { post: asAdmin(deps, post) }),
  }))

const ROOT = '/admin/held'

/** Turns a visit of an admin into one of the quarantine. */
const asAdmin =
  ({ timeZone }: HeldRouteDeps, handle: QuarantineHandler): AdminHandler =>
  ({ request, response, viewer, query, form, show, goTo }) =>
    handle({
      request,
      response,
      viewer,
      root: ROOT,
      params: paramsOf(request),
      query,
      form,
      timeZone,
      show({ page, model, refresh }, status) {
        if (refresh !== undefined) response.set('Refresh', String(refresh))
        show(adminView({ page, model }), status)
      },
      goTo,
    })

/** A page of the quarantine in the admins' frame. */
export const adminView = ({ page, model }: QuarantineView): AdminView => ({
  page: TEMPLATES[page],
  section: 'held',
  model,
})

const TEMPLATES = {
  list: 'held',
  'bulk-confirm': 'held-bulk-confirm',
  bulk: 'held-bulk',
  summary: 'held-summary',
  message: 'held-message',
} as const satisfies Record<QuarantineView['page'], string>
