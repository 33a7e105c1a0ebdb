import type { HelpDesk } from '../../../desks/help-desk/help-desk.ts'
import type { ListDeps } from '../quarantine/list/list-page.ts'
import { listPages } from '../quarantine/list/list-pages.ts'
import { messagePages } from '../quarantine/message-pages.ts'
import type { MessageDeps } from '../quarantine/message-show.ts'
import type { QuarantineHandler, QuarantineView } from '../quarantine/quarantine-visit.ts'
import type { Page } from '../web/page.ts'
import { paramsOf } from '../web/request-url.ts'
import { lookModel } from './looks.ts'
import type { MailView } from './mail-pages.ts'
import type { MailHandler, MailVisit } from './mail-visit.ts'

export interface HeldPagesDeps extends ListDeps, Omit<MessageDeps, 'quarantine'> {
  readonly looks: Pick<HelpDesk, 'lastLookAt'>
}

/** The quarantine, as readers see it who have signed in. */
export const heldPages = (deps: HeldPagesDeps): readonly Page<MailHandler>[] =>
  [...listPages(deps), ...messagePages(deps)].map(({ path, get, post }) => ({
    path: ROOT + path,
    ...(get && { get: path === '' ? tellingOfLooks(deps, get) : asReader(get) }),
    ...(post && { post: asReader(post) }),
  }))

const ROOT = '/mail'

/** Says on the list who has looked at it. */
const tellingOfLooks =
  ({ looks }: HeldPagesDeps, handle: QuarantineHandler): MailHandler =>
  async visit => {
    const last = await looks.lastLookAt(visit.reader.address)
    const show: MailVisit['show'] = (view, status) =>
      visit.show(
        { ...view, model: writer => ({ ...view.model?.(writer), ...lookModel(last, writer) }) },
        status,
      )
    await asReader(handle)({ ...visit, show })
  }

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
  model: writer => ({ wide: true, look: undefined, ...model(writer) }),
})

const TEMPLATES = {
  list: 'reader/held',
  'bulk-confirm': 'reader/held-bulk-confirm',
  bulk: 'reader/held-bulk',
  summary: 'reader/held-summary',
  message: 'reader/held-message',
} as const satisfies Record<QuarantineView['page'], string>
