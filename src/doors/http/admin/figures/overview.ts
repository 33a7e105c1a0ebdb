import type { PartState } from '../../../../ground/health/part-state.ts'
import type { SignIns } from '../../../../ground/sign-in/sign-ins.ts'
import type { Admin } from '../../../../rules/reach/admins.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import type { AdminHandler } from '../frame/visit.ts'
import { overviewModel } from './overview-model.ts'

export interface OverviewRouteDeps extends DeskDeps {
  readonly signIns: Pick<SignIns<Admin>, 'unusedLinks'>
  readonly health: () => Promise<PartState[]>
  /** The time zone in which days begin. */
  readonly timeZone: string
}

/** GET /admin: whether all is well, what needs somebody, the last and the next runs, and the mail that came in. */
export const showOverview =
  ({ desk, signIns, health, timeZone }: OverviewRouteDeps): AdminHandler =>
  async ({ admin, editor: { reach }, show }) => {
    const facts = {
      days: await desk.figures.overview(reach, DAYS, timeZone),
      lastRun: await desk.figures.lastRun(reach),
      senders: await desk.figures.releasedSenders(reach, DAYS),
      stuck: await desk.stuck.list(reach),
      runs: await desk.schedules.comingRuns(reach, RUNS),
      health: await health(),
      unusedLinks: await signIns.unusedLinks(admin),
    }
    show({ page: 'overview', section: 'overview', model: writer => overviewModel(facts, writer) })
  }

const DAYS = 14
const RUNS = 4
