import { given } from '../../given.ts'
import { type ClicksDeps, clickFigures } from './clicks.ts'
import { lastRun } from './last-run.ts'
import { type OverviewDeps, overview } from './overview.ts'
import { type ReleasedSendersDeps, releasedSenders } from './released-senders.ts'

export type FiguresDeskDeps = OverviewDeps & ClicksDeps & ReleasedSendersDeps

/** The figures that admins see. */
export const figuresDesk = (deps: FiguresDeskDeps) => ({
  overview: given(deps, overview),
  lastRun: given(deps, lastRun),
  releasedSenders: given(deps, releasedSenders),
  clicks: given(deps, clickFigures),
})

export type FiguresDesk = ReturnType<typeof figuresDesk>
