import { SchedulesLost } from '../../../../desks/admin/settings/set-and-give.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import { READERS_OWN, type Schedule } from '../../../../rules/schedule/schedule.ts'
import { canonicalScope, EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../frame/admin-pages.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { versionIn } from '../frame/form-version.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { readSchedule, type ScheduleField, type ScheduleWish } from './read-schedule.ts'
import { type SavedSchedule, type ScheduleForm, scheduleFormModel } from './schedule-form-model.ts'
import { freshValues, type ScheduleValues, valuesOfForm, valuesOfSchedule } from './schedule-values.ts'
import { usersWords, whenWords, zoneWords } from './schedule-words.ts'
import { seenIn } from './seen-marks.ts'

export interface SchedulesRouteDeps extends DeskDeps {
  readonly timeZone: string
}

/** GET /admin/schedules: all of them. Who looks after some domains may look at those that concern them. */
export const listSchedulesPage =
  ({ desk }: SchedulesRouteDeps): AdminHandler =>
  async ({ editor, show }) => {
    const schedules = await desk.schedules.list(editor.reach)
    const next = await desk.schedules.nextRuns(editor.reach)
    const users = await desk.schedules.users(editor.reach)
    const mayEdit = desk.schedules.mayChange(editor.reach)
    show({
      page: 'schedules',
      section: 'schedules',
      model: writer => ({
        mayEdit,
        newUrl: writer.url('/admin/schedules/new'),
        calendarUrl: writer.url('/admin/schedules/calendar'),
        schedules: schedules.map(schedule => ({
          ...rowOf(schedule, writer, next[schedule.name]),
          url: mayEdit ? writer.url(editPath(schedule.name)) : undefined,
          users: usersWords(users.get(schedule.name), writer),
        })),
      }),
    })
  }

/** GET /admin/schedules/new?whom=@example.com */
export const newSchedule =
  ({ desk, timeZone }: SchedulesRouteDeps): AdminHandler =>
  ({ editor, query, show }) => {
    desk.schedules.requireMayChange(editor.reach)
    const scope = canonicalScope(query.get('whom') ?? '')
    const whom = scope === undefined || scope === EVERYBODY ? '' : scope
    showForm(show, { values: { ...freshValues(timeZone), whom }, version: 0, faults: [] })
  }

/** GET /admin/schedules/edit?name=NAME */
export const editSchedule =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    const saved = await savedFor(deps, editor.reach, query.get('name') ?? '')
    if (!saved) throw unknownSchedule()
    const { schedule } = saved
    const values = valuesOfSchedule(schedule, deps.timeZone)
    showForm(show, {
      values,
      version: schedule.version,
      faults: [],
      preview: previewOf(deps, schedule),
      saved,
    })
  }

/**
 * POST /admin/schedules/new and /admin/schedules/edit: `preview=yes` shows the next times, and saves nothing. Those who
 * have other schedules are shown before they lose them; `seen` says that they were.
 */
export const postSchedule =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    deps.desk.schedules.requireMayChange(editor.reach)
    const values = valuesOfForm(form)
    const version = versionIn(form)
    const wish = readSchedule(values, deps.timeZone)
    const isPreview = form.get('preview') === 'yes'
    // Who only looks at the times need not have named it yet.
    const faults = isPreview ? wish.faults.filter(({ field }) => field !== 'name') : wish.faults
    if (faults.length > 0 || isPreview) return showAgain(deps, visit, { values, version, faults }, wish)
    const giving = { scopes: wish.scopes, seen: seenIn(form), expected: version }
    try {
      await deps.desk.settings.setAndGive(editor, values.name, wish.change, giving)
    } catch (error) {
      return showRefused(deps, visit, { values, version, wish }, error)
    }
    goTo(editPath(values.name), 'saved')
  }

export const editPath = (name: string): string => `/admin/schedules/edit?${new URLSearchParams({ name })}`

const showForm = (show: Visit['show'], form: ScheduleForm, status = 200): void =>
  show({ page: 'schedule', section: 'schedules', model: writer => scheduleFormModel(form, writer) }, status)

export const unknownSchedule = (): CodedError =>
  new CodedError('SCHEDULE_UNKNOWN', 'There is no such schedule any more.')

/** A schedule as it is saved; undefined: there is none of this name. */
async function savedFor(
  { desk }: SchedulesRouteDeps,
  reach: Reach,
  name: string,
): Promise<SavedSchedule | undefined> {
  const details = await desk.schedules.details(reach, name)
  return details && { ...details, scopes: await desk.readers.scopesOfSchedule(reach, name) }
}

/** The form as it was sent, with its faults, with those who would lose other schedules, or with the next times. */
async function showAgain(
  deps: SchedulesRouteDeps,
  { editor, show }: Visit,
  form: ScheduleForm,
  { change }: ScheduleWish,
): Promise<void> {
  const saved = form.version === 0 ? undefined : await savedFor(deps, editor.reach, form.values.name)
  const preview =
    form.faults.length === 0 && change.crons && change.timeZone
      ? previewOf(deps, { crons: change.crons, timeZone: change.timeZone })
      : undefined
  showForm(show, { ...form, saved, preview }, form.faults.length > 0 ? 400 : form.losers ? 409 : 200)
}

/** What the use-case has refused: with what was written, and what holds now. */
async function showRefused(
  deps: SchedulesRouteDeps,
  visit: Visit,
  { values, version, wish }: { values: ScheduleValues; version: number; wish: ScheduleWish },
  error: unknown,
): Promise<void> {
  if (error instanceof SchedulesLost) {
    return showAgain(deps, visit, { values, version, faults: [], losers: error.losers }, wish)
  }
  if (!(error instanceof CodedError)) throw error
  if (error.code === 'EDIT_CONFLICT') return showConflict(deps, visit, { values, version }, error.message)
  if (error.code !== 'SCHEDULE_INVALID') throw error
  const faults = error.message.split('\n').map(detail => ({ field: 'name', detail }) as const)
  await showAgain(deps, visit, { values, version, faults }, wish)
}

/** Somebody else was faster. A name that was taken meanwhile is not for the taking: the new schedule needs another. */
async function showConflict(
  deps: SchedulesRouteDeps,
  { editor, show }: Visit,
  { values, version }: { values: ScheduleValues; version: number },
  message: string,
): Promise<void> {
  const saved = await savedFor(deps, editor.reach, values.name)
  const isNew = version === 0
  const faults: FieldFault<ScheduleField>[] = isNew ? [{ field: 'name', key: 'nameTaken' }] : []
  const conflict = isNew ? undefined : { message, now: saved?.schedule }
  const next = isNew ? 0 : (saved?.schedule.version ?? 0)
  showForm(show, { values, version: next, faults, conflict, saved }, 409)
}

function previewOf(
  { desk, timeZone }: SchedulesRouteDeps,
  times: Pick<Schedule, 'crons' | 'timeZone'>,
): ScheduleForm['preview'] {
  const zone = times.timeZone === READERS_OWN ? timeZone : times.timeZone
  try {
    return { times: desk.schedules.nextTimes({ crons: times.crons, timeZone: zone }, 10), timeZone: zone }
  } catch {
    return undefined
  }
}

const rowOf = (schedule: Schedule, writer: Writer, next: string | undefined): object => ({
  name: schedule.name,
  when: whenWords(schedule, writer),
  crons: schedule.crons.join(' | '),
  zone: zoneWords(schedule.timeZone, writer),
  next: next === undefined ? undefined : writer.time(Date.parse(next)),
  enabled: schedule.enabled,
  isDefault: schedule.isDefault,
  isOffered: schedule.isOffered,
})
