import type { HelpDesk } from '../../../../desks/help-desk/help-desk.ts'
import type { HelpDeskViewer } from '../../../../rules/reach/viewer.ts'
import { paramsOf } from '../../web/request-url.ts'
import type { LookingAs } from '../frame/admin-pages.ts'
import { readerInPath } from '../frame/as-path.ts'
import type { Visit } from '../frame/visit.ts'

export interface AsViewerDeps {
  readonly helpDesk: HelpDesk
}

/** Whom a visit of a page below `/admin/as/ADDRESS` is by. @throws CodedError READER_UNKNOWN, DIRECTORY_UNREACHABLE */
export const viewerOf = (
  { helpDesk }: AsViewerDeps,
  { admin, request }: Pick<Visit, 'admin' | 'request'>,
): Promise<HelpDeskViewer> =>
  helpDesk.viewerOf(admin, readerInPath(paramsOf(request).reader ?? ''), request.ip ?? null)

/** What the banner of such a page shows. */
export const lookingAs = ({ helpDesk }: AsViewerDeps, viewer: HelpDeskViewer): LookingAs => ({
  viewer,
  hasSenders: helpDesk.hasSenders(viewer),
})
