import { CodedError } from '../../../../ground/errors.ts'
import { countUsers } from '../../../../work/schedules/schedule-users.ts'
import { versionIn } from '../frame/form-version.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { usersWords } from './schedule-words.ts'
import { editPath, type SchedulesRouteDeps, unknownSchedule } from './schedules.ts'

/** GET /admin/schedules/remove?name=NAME: who uses it, and what they will get instead. */
export const confirmRemoval =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    await showRemoval(deps, visit, visit.query.get('name') ?? '', 200)
  }

/** POST /admin/schedules/remove: the page before showed who uses it. */
export const removeSchedulePage =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    const name = form.get('name') ?? ''
    try {
      await deps.desk.schedules.remove(editor, name, { expected: versionIn(form), evenIfUsed: true })
    } catch (error) {
      // It has become the default meanwhile, which the page now says.
      if (!(error instanceof CodedError) || error.code !== 'SCHEDULE_INVALID') throw error
      return showRemoval(deps, visit, name, 400)
    }
    goTo('/admin/schedules', 'removed')
  }

async function showRemoval(
  { desk }: SchedulesRouteDeps,
  { editor, show }: Visit,
  name: string,
  status: number,
): Promise<void> {
  const details = await desk.schedules.removalDetails(editor.reach, name)
  if (!details) throw unknownSchedule()
  const { schedule, users, standard, warnings } = details
  show(
    {
      page: 'schedule-remove',
      section: 'schedules',
      model: writer => ({
        name,
        version: schedule.version,
        isDefault: schedule.isDefault,
        isUsed: users !== undefined && countUsers(users) > 0,
        users: usersWords(users, writer),
        standard,
        warnings: warnings.length > 0 ? warnings : undefined,
        backUrl: writer.url(editPath(name)),
      }),
    },
    status,
  )
}
