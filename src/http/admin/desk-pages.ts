import {
  confirmRemoval,
  editSchedule,
  listSchedulesPage,
  newSchedule,
  postSchedule,
  removeSchedulePage,
  type SchedulesRouteDeps,
} from './routes/schedules.ts'
import type { AdminHandler } from './visit.ts'

export interface DeskPagesDeps extends SchedulesRouteDeps {}

export interface DeskPage {
  readonly path: string
  readonly get?: AdminHandler
  readonly post?: AdminHandler
}

/** What there is to look at and to change beside the overview. */
export const deskPages = (deps: DeskPagesDeps): readonly DeskPage[] => [
  { path: '/admin/schedules', get: listSchedulesPage(deps) },
  { path: '/admin/schedules/new', get: newSchedule(deps), post: postSchedule(deps) },
  { path: '/admin/schedules/edit', get: editSchedule(deps), post: postSchedule(deps) },
  { path: '/admin/schedules/remove', get: confirmRemoval(deps), post: removeSchedulePage(deps) },
]
