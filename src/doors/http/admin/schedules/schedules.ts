import type { Desk } from '../../../../desks/admin/desk.ts'
import { ScheduleConflict } from '../../../../desks/admin/schedules/schedule-version.ts'
import { CodedError } from '../../../../ground/errors.ts'
import { requireAll } from '../../../../rules/reach/reach.ts'
import { isAsked } from '../../../../rules/schedule/change-text.ts'
import { READERS_OWN, type Schedule } from '../../../../rules/schedule/schedule.ts'
import { canonicalScope, EVERYBODY } from '../../../../rules/settings/scope.ts'
import type { Writer } from '../frame/admin-pages.ts'
import type { FieldFault } from '../frame/form-faults.ts'
import { versionIn } from '../frame/form-version.ts'
import type { AdminHandler, Visit } from '../frame/visit.ts'
import { giveToAll, losersOf, receiversOf, seenMark } from './giving.ts'
import { readSchedule, type ScheduleField, type ScheduleWish } from './read-schedule.ts'
import { type ScheduleForm, scheduleFormModel } from './schedule-form-model.ts'
import { freshValues, type ScheduleValues, valuesOfForm, valuesOfSchedule } from './schedule-values.ts'
import { usersWords, whenWords, zoneWords } from './schedule-words.ts'

export interface SchedulesRouteDeps {
  readonly desk: Desk
  readonly timeZone: string
}

/** GET /admin/schedules: all of them. Who looks after some domains may look at those that concern them. */
export const listSchedulesPage =
  ({ desk }: SchedulesRouteDeps): AdminHandler =>
  async ({ editor, show }) => {
    const schedules = await desk.schedules.list(editor.reach)
    const next = await desk.schedules.nextRuns(editor.reach)
    const users = await desk.schedules.users(editor.reach)
    const mayEdit = editor.reach === undefined
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
  ({ timeZone }: SchedulesRouteDeps): AdminHandler =>
  ({ editor, query, show }) => {
    requireAll(editor.reach)
    const scope = canonicalScope(query.get('whom') ?? '')
    const whom = scope === undefined || scope === EVERYBODY ? '' : scope
    showForm(show, { values: { ...freshValues(timeZone), whom }, version: 0, faults: [] })
  }

/** GET /admin/schedules/edit?name=NAME */
export const editSchedule =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async ({ editor, query, show }) => {
    requireAll(editor.reach)
    const schedule = await scheduleNamed(deps, query.get('name') ?? '')
    const values = valuesOfSchedule(schedule, deps.timeZone)
    showForm(show, {
      values,
      version: schedule.version,
      faults: [],
      preview: previewOf(deps, schedule),
      saved: await savedOf(deps, schedule),
    })
  }

/**
 * POST /admin/schedules/new and /admin/schedules/edit: `preview=yes` shows the next times, and saves nothing. Who has other
 * schedules is shown before losing them; `seen` is the answer.
 */
export const postSchedule =
  (deps: SchedulesRouteDeps): AdminHandler =>
  async visit => {
    const { editor, form, goTo } = visit
    requireAll(editor.reach)
    const values = valuesOfForm(form)
    const version = versionIn(form)
    const wish = readSchedule(values, deps.timeZone)
    const isPreview = form.get('preview') === 'yes'
    // Who only looks at the times need not have named it yet.
    const faults = isPreview ? wish.faults.filter(({ field }) => field !== 'name') : wish.faults
    if (faults.length > 0 || isPreview) return showAgain(deps, visit, { values, version, faults }, wish)
    const receivers = await receiversOf(deps.desk, editor.reach, wish.scopes)
    const losers = losersOf(receivers, values.name)
    const seen = form.getAll('seen')
    if (losers.some(one => !seen.includes(seenMark(one)))) {
      return showAgain(deps, visit, { values, version, faults, losers }, wish)
    }
    try {
      await deps.desk.schedules.set(editor, values.name, wish.change, version)
    } catch (error) {
      if (!(await isDone(deps, visit, values.name, wish, error))) {
        return showRefused(deps, visit, { values, version, wish }, error)
      }
    }
    await giveToAll(deps.desk, editor, values.name, receivers)
    goTo(editPath(values.name), 'saved')
  }

export const editPath = (name: string): string => `/admin/schedules/edit?${new URLSearchParams({ name })}`

const showForm = (show: Visit['show'], form: ScheduleForm, status = 200): void =>
  show({ page: 'schedule', section: 'schedules', model: writer => scheduleFormModel(form, writer) }, status)

/** @throws CodedError SCHEDULE_UNKNOWN */
export async function scheduleNamed({ desk }: SchedulesRouteDeps, name: string): Promise<Schedule> {
  const schedule = (await desk.schedules.list(undefined)).find(one => one.name === name)
  if (schedule) return schedule
  throw new CodedError('SCHEDULE_UNKNOWN', 'There is no such schedule any more.')
}

async function savedOf(
  { desk }: SchedulesRouteDeps,
  { name, isDefault }: Schedule,
): Promise<ScheduleForm['saved']> {
  const users = (await desk.schedules.users(undefined)).get(name)
  const scopes = await desk.readers.scopesOfSchedule(name)
  return { isDefault, users, scopes, warnings: await desk.schedules.warnings(name) }
}

/** Whether all that was refused is a form that was sent twice: what it asks for is there, by the same admin. */
async function isDone(
  { desk }: SchedulesRouteDeps,
  { editor }: Visit,
  name: string,
  { change }: ScheduleWish,
  error: unknown,
): Promise<boolean> {
  if (!(error instanceof ScheduleConflict) || error.changedBy !== editor.actor.name) return false
  const now = (await desk.schedules.list(undefined)).find(one => one.name === name)
  return now !== undefined && isAsked(now, change)
}

/** The form as it was sent, with its faults, with those who would lose other schedules, or with the next times. */
async function showAgain(
  deps: SchedulesRouteDeps,
  { show }: Visit,
  form: ScheduleForm,
  { change }: ScheduleWish,
): Promise<void> {
  const saved = form.version === 0 ? undefined : await savedFor(deps, form.values.name)
  const preview =
    form.faults.length === 0 && change.crons && change.timeZone
      ? previewOf(deps, { crons: change.crons, timeZone: change.timeZone })
      : undefined
  showForm(show, { ...form, saved, preview }, form.faults.length > 0 ? 400 : form.losers ? 409 : 200)
}

async function savedFor(deps: SchedulesRouteDeps, name: string): Promise<ScheduleForm['saved']> {
  const schedule = (await deps.desk.schedules.list(undefined)).find(one => one.name === name)
  return schedule && savedOf(deps, schedule)
}

/** What the use-case has refused: with what was written, and what holds now. */
async function showRefused(
  deps: SchedulesRouteDeps,
  { show }: Visit,
  { values, version, wish }: { values: ScheduleValues; version: number; wish: ScheduleWish },
  error: unknown,
): Promise<void> {
  if (!(error instanceof CodedError)) throw error
  const now = (await deps.desk.schedules.list(undefined)).find(one => one.name === values.name)
  if (error.code === 'EDIT_CONFLICT') {
    // A name that was taken meanwhile is not for the taking: the new one needs another.
    const faults: FieldFault<ScheduleField>[] = version === 0 ? [{ field: 'name', key: 'nameTaken' }] : []
    const conflict = version === 0 ? undefined : { message: error.message, now }
    const next = version === 0 ? 0 : (now?.version ?? 0)
    return showForm(
      show,
      { values, version: next, faults, conflict, saved: now && (await savedOf(deps, now)) },
      409,
    )
  }
  if (error.code !== 'SCHEDULE_INVALID') throw error
  const faults = error.message.split('\n').map(detail => ({ field: 'name', detail }) as const)
  await showAgain(deps, { show } as Visit, { values, version, faults }, wish)
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
