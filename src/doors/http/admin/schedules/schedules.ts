import { SchedulesLost } from '../../../../desks/admin/settings/set-and-give.ts'
import { CodedError } from '../../../../ground/errors.ts'
import type { Reach } from '../../../../rules/reach/reach.ts'
import { READERS_OWN, type Schedule } from '../../../../rules/schedule/schedule.ts'
import { canonicalScope, EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../../web/writer.ts'
import type { DeskDeps } from '../frame/desk-deps.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { versionIn } from '../frame/form-version.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { readSchedule, type ScheduleField, type SubmittedSchedule } from './read-schedule.ts'
import { type SavedSchedule, type ScheduleForm, scheduleFormModel } from './schedule-form-model.ts'
import { freshValues, type ScheduleValues, valuesOfForm, valuesOfSchedule } from './schedule-values.ts'
import { usersWords, whenWords, zoneWords } from './schedule-words.ts'
import { seenIn } from './seen-marks.ts'

export interface SchedulesRouteDeps extends DeskDeps {
  readonly timeZone: string
}

/** GET /admin/schedules: all of them. Admins of some domains see those that concern their domains. */
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
 * POST /admin/schedules/new and /admin/schedules/edit: `preview=yes` shows the next times, and saves nothing. Scopes
 * that would lose other schedules are listed first; `seen` confirms that they were shown.
 */
export const postSchedule =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    deps.desk.schedules.requireMayChange(editor.reach)
    const values = valuesOfForm(form)
    const version = versionIn(form)
    const submitted = readSchedule(values, deps.timeZone)
    const isPreview = form.get('preview') === 'yes'
    // The next times can be previewed before the schedule has a name.
    const faults = isPreview ? submitted.faults.filter(({ field }) => field !== 'name') : submitted.faults
    if (faults.length > 0 || isPreview) return showAgain(deps, visit, { values, version, faults }, submitted)
    const giving = { scopes: submitted.scopes, seen: seenIn(form), expected: version }
    try {
      await deps.desk.settings.setAndGive(editor, values.name, submitted.change, giving)
    } catch (error) {
      return showRefused(deps, visit, { values, version, submitted }, error)
    }
    goTo(editPath(values.name), 'saved')
  }

export const editPath = (name: string): string => `/admin/schedules/edit?${new URLSearchParams({ name })}`

const showForm = (show: Visit['show'], form: ScheduleForm, status = 200): void =>
  show({ page: 'schedule', section: 'schedules', model: writer => scheduleFormModel(form, writer) }, status)

export const unknownSchedule = (): CodedError =>
  new CodedError('SCHEDULE_UNKNOWN', 'This schedule no longer exists.')

/** A schedule as it is saved; undefined if none has this name. */
async function savedFor(
  { desk }: SchedulesRouteDeps,
  reach: Reach,
  name: string,
): Promise<SavedSchedule | undefined> {
  const details = await desk.schedules.details(reach, name)
  return details && { ...details, scopes: await desk.readers.scopesOfSchedule(reach, name) }
}

/** The form as it was sent, with its faults, the scopes that would lose other schedules, or the next times. */
async function showAgain(
  deps: SchedulesRouteDeps,
  { editor, show }: Visit,
  form: ScheduleForm,
  { change }: SubmittedSchedule,
): Promise<void> {
  const saved = form.version === 0 ? undefined : await savedFor(deps, editor.reach, form.values.name)
  const preview =
    form.faults.length === 0 && change.crons && change.timeZone
      ? previewOf(deps, { crons: change.crons, timeZone: change.timeZone })
      : undefined
  showForm(show, { ...form, saved, preview }, form.faults.length > 0 ? 400 : form.losers ? 409 : 200)
}

/** Shows why the use-case refused, with the form as it was filled in and the schedule as it is saved. */
async function showRefused(
  deps: SchedulesRouteDeps,
  visit: Visit,
  { values, version, submitted }: { values: ScheduleValues; version: number; submitted: SubmittedSchedule },
  error: unknown,
): Promise<void> {
  if (error instanceof SchedulesLost) {
    return showAgain(deps, visit, { values, version, faults: [], losers: error.losers }, submitted)
  }
  if (!(error instanceof CodedError)) throw error
  if (error.code === 'EDIT_CONFLICT') return showConflict(deps, visit, { values, version }, error.message)
  if (error.code !== 'SCHEDULE_INVALID') throw error
  const faults = error.message.split('\n').map(detail => ({ field: 'name', detail }) as const)
  await showAgain(deps, visit, { values, version, faults }, submitted)
}

/** Somebody else saved first. A new schedule whose name was taken meanwhile needs another name. */
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
