import { CodedError } from '../../../../ground/errors.ts'
import { requireAll } from '../../../../rules/reach/reach.ts'
import type { Schedule } from '../../../../rules/schedule/schedule.ts'
import { countUsers } from '../../../../work/schedules/schedule-users.ts'
import { versionIn } from '../frame/form-version.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { usersWords } from './schedule-words.ts'
import { editPath, type SchedulesRouteDeps, scheduleNamed } from './schedules.ts'

/** GET /admin/schedules/remove?name=NAME: who uses it, and what becomes of them. */
export const confirmRemoval =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    requireAll(visit.editor.reach)
    await showRemoval(deps, visit, await scheduleNamed(deps, visit.query.get('name') ?? ''), 200)
  }

/** POST /admin/schedules/remove: the page before has told who uses it. */
export const removeSchedulePage =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    const name = form.get('name') ?? ''
    try {
      await deps.desk.schedules.remove(editor, name, { expected: versionIn(form), evenIfUsed: true })
    } catch (error) {
      // It has become the default meanwhile, as that page says by now.
      if (!(error instanceof CodedError) || error.code !== 'SCHEDULE_INVALID') throw error
      return showRemoval(deps, visit, await scheduleNamed(deps, name), 400)
    }
    goTo('/admin/schedules', 'removed')
  }

async function showRemoval(
  { desk }: SchedulesRouteDeps,
  { editor, show }: Visit,
  schedule: Schedule,
  status: number,
): Promise<void> {
  const users = (await desk.schedules.users(editor.reach)).get(schedule.name)
  const standard = (await desk.schedules.list(undefined)).find(one => one.isDefault)
  const warnings = await desk.schedules.removalWarnings(schedule.name)
  show(
    {
      page: 'schedule-remove',
      section: 'schedules',
      model: writer => ({
        name: schedule.name,
        version: schedule.version,
        isDefault: schedule.isDefault,
        isUsed: users !== undefined && countUsers(users) > 0,
        users: usersWords(users, writer),
        standard: standard?.name,
        warnings: warnings.length > 0 ? warnings : undefined,
        backUrl: writer.url(editPath(schedule.name)),
      }),
    },
    status,
  )
}
