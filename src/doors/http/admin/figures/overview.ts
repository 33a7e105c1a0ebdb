import { CodedError, httpStatusOf } from '../../../../ground/errors.ts'
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
    const days = await desk.figures.overview(reach, DAYS, timeZone)
    const lastRun = await desk.figures.lastRun(reach)
    const stuck = await desk.stuck.list(reach)
    const unusedLinks = await signIns.unusedLinks(admin)
    // These ask amavisd's database and other servers. Each may be away, so they are waited for together.
    const [senders, runs, parts] = await Promise.all([
      desk.figures.releasedSenders(reach, DAYS).catch(noneWhileAway),
      desk.schedules.comingRuns(reach, RUNS),
      health(),
    ])
    const facts = {
      days,
      lastRun,
      stuck,
      unusedLinks,
      senders,
      runs,
      health: parts,
      mayExamine: reach === undefined,
    }
    show({ page: 'overview', section: 'overview', model: writer => overviewModel(facts, writer) })
  }

const DAYS = 14
const RUNS = 4

/** The page that says what is away has to come, although a part of it cannot be filled. */
function noneWhileAway(error: unknown): readonly [] {
  if (error instanceof CodedError && httpStatusOf(error.code) === 503) return []
  throw error
}
