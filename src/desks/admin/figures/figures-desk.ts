import { given } from '../../given.ts'
import { type ClicksDeps, clickFigures } from './clicks.ts'
import { type OverviewDeps, overview } from './overview.ts'

export type FiguresDeskDeps = OverviewDeps & ClicksDeps

/** The figures that admins see. */
export const figuresDesk = (deps: FiguresDeskDeps) => ({
  overview: given(deps, overview),
  clicks: given(deps, clickFigures),
})

export type FiguresDesk = ReturnType<typeof figuresDesk>
