import type { ListDeps } from '../quarantine/list/list-page.ts'
import { listPages } from '../quarantine/list/list-pages.ts'
import { messagePages } from '../quarantine/message-pages.ts'
import type { MessageDeps } from '../quarantine/message-show.ts'
import type { QuarantineHandler, QuarantineView } from '../quarantine/quarantine-visit.ts'
import type { Page } from '../web/page.ts'
import { paramsOf } from '../web/request-url.ts'
import type { MailView } from './mail-pages.ts'
import type { MailHandler } from './mail-visit.ts'

export interface HeldPagesDeps extends ListDeps, Omit<MessageDeps, 'quarantine'> {}

/** The quarantine, as readers see it who have signed in. */
export const heldPages = (deps: HeldPagesDeps): readonly Page<MailHandler>[] =>
  [...listPages(deps), ...messagePages(deps)].map(({ path, get, post }) => ({
    path: ROOT + path,
    ...(get && { get: asReader(get) }),
    ...(post && { post: asReader(post) }),
  }))

const ROOT = '/mail'

/** Turns a visit of a reader into one of the quarantine. */
const asReader =
  (handle: QuarantineHandler): MailHandler =>
  ({ request, response, viewer, timeZone, query, form, show, goTo }) =>
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
        show(mailView({ page, model }), status)
      },
      goTo,
    })

/** A page of the quarantine in the readers' frame. */
export const mailView = ({ page, model }: QuarantineView): MailView => ({
  page: TEMPLATES[page],
  section: 'held',
  model: writer => ({ wide: true, ...model(writer) }),
})

const TEMPLATES = {
  list: 'reader/held',
  'bulk-confirm': 'reader/held-bulk-confirm',
  bulk: 'reader/held-bulk',
  summary: 'reader/held-summary',
  message: 'reader/held-message',
} as const satisfies Record<QuarantineView['page'], string>
