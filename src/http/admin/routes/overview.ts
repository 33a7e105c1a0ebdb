import type { Desk } from '../../../desk/desk.ts'
import type { AdminHandler } from '../visit.ts'

export interface OverviewRouteDeps {
  readonly desk: Pick<Desk, 'overview' | 'status'>
  readonly timeZone: string
}

/** GET /admin: what has come in, what comes next, and what needs somebody. */
export const showOverview =
  ({ desk, timeZone }: OverviewRouteDeps): AdminHandler =>
  async ({ editor, show }) => {
    const days = await desk.overview(editor.reach, DAYS, timeZone)
    show({ page: 'overview', section: 'overview', model: () => ({ days }) })
  }

const DAYS = 14
