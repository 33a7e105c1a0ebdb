import type { ScopeOfSchedule } from '../../../../desks/admin/readers/scopes-of-schedule.ts'
import type { ScheduleDetails } from '../../../../desks/admin/schedules/schedule-details.ts'
import { KINDS } from '../../../../ground/amavis/content.ts'
import { formatTime } from '../../../../ground/display/format.ts'
import { MINUTE } from '../../../../ground/durations.ts'
import { filterText } from '../../../../rules/schedule/change-text.ts'
import type { Schedule } from '../../../../rules/schedule/schedule.ts'
import type { ScopeSettings } from '../../../../rules/settings/setting-fields.ts'
import { timeText } from '../../../../rules/time/week-times.ts'
import { countUsers } from '../../../../work/schedules/schedule-users.ts'
import type { Writer } from '../../web/writer.ts'
import { type FieldFault, faultModels, faultsByField } from '../frame/form-faults.ts'
import { scopeLink, shownScope } from '../frame/scope-page.ts'
import { TIME_ZONES } from '../frame/time-zones.ts'
import { SCHEDULE_FIELDS, type ScheduleField } from './read-schedule.ts'
import type { ScheduleValues } from './schedule-values.ts'
import { dayNames, usersWords, whenWords, zoneWords } from './schedule-words.ts'
import { seenMark } from './seen-marks.ts'

/** The state of the schedule form when it is shown. */
export interface ScheduleForm {
  readonly values: ScheduleValues
  /** The version that the form was filled from; 0 for a new schedule. */
  readonly version: number
  readonly faults: readonly FieldFault<ScheduleField>[]
  /** The saved schedule, if somebody else changed it meanwhile; the first line of the message says who. */
  readonly conflict?: { readonly message: string; readonly now: Schedule | undefined } | undefined
  /** Scopes that would lose the schedules they have. Saving again confirms it. */
  readonly losers?: readonly ScopeSettings[] | undefined
  /** The next times, according to the fields. */
  readonly preview?: { readonly times: readonly number[]; readonly timeZone: string } | undefined
  /** The schedule as it is saved. */
  readonly saved?: SavedSchedule | undefined
}

/** A schedule as it is saved, with the scopes that use it. */
export interface SavedSchedule extends ScheduleDetails {
  /** The first few of them. */
  readonly scopes: readonly ScopeOfSchedule[]
}

export function scheduleFormModel(form: ScheduleForm, writer: Writer): object {
  const { words, url } = writer
  const { values, version, saved, preview } = form
  const faults = faultModels(form.faults, words)
  const query = new URLSearchParams({ name: values.name })
  const action = url(version === 0 ? '/admin/schedules/new' : `/admin/schedules/edit?${query}`)
  return {
    action,
    previewAction: `${action}#preview`,
    heading:
      version === 0
        ? words.say('admin.schedules.newTitle')
        : words.say('admin.schedules.editTitle', { name: values.name }),
    isNew: version === 0,
    version,
    name: values.name,
    values,
    isDefault: saved?.schedule.isDefault ?? false,
    days: dayNames(words).map((label, index) => ({
      value: index + 1,
      label,
      checked: values.days.includes(index + 1),
    })),
    kinds: KINDS.map(kind => ({
      value: kind,
      label: words.say(`admin.kind.${kind}`),
      checked: values.kinds.includes(kind),
    })),
    ofReader: values.zoneMode === 'reader',
    zones: TIME_ZONES,
    faults: faults.length > 0 ? faults : undefined,
    at: faultsByField(SCHEDULE_FIELDS, faults),
    expert: values.crons !== '',
    narrowed: values.kinds.length < KINDS.length || values.minScore !== '' || values.maxScore !== '',
    conflict: form.conflict && conflictModel(form.conflict, writer),
    losers: form.losers?.map(loser => ({
      ...scopeLink(loser.scope, writer),
      schedules: new Intl.ListFormat(words.language).format(loser.schedules ?? []),
      mark: seenMark(loser),
    })),
    preview: preview && {
      times: preview.times.map(time =>
        formatTime(time, 'moment', { ...writer.place, timeZone: preview.timeZone }),
      ),
      timeZone: preview.timeZone,
    },
    users: saved && usersWords(saved.users, writer),
    scopes: saved?.scopes.map(({ scope }) => scopeLink(scope, writer)),
    moreScopes: saved?.users && countUsers(saved.users) > saved.scopes.length,
    unknown: saved?.scopes.flatMap(({ scope, isUnknown }) =>
      isUnknown ? words.say('admin.schedules.unknownDomain', { domain: shownScope(scope, writer) }) : [],
    ),
    warnings: saved && saved.warnings.length > 0 ? saved.warnings : undefined,
    removeUrl: saved && !saved.schedule.isDefault ? url(`/admin/schedules/remove?${query}`) : undefined,
    listUrl: url('/admin/schedules'),
  }
}

function conflictModel({ message, now }: NonNullable<ScheduleForm['conflict']>, writer: Writer): object {
  return { message, facts: now && scheduleFacts(now, writer) }
}

/** A schedule as a list of labels and values. */
function scheduleFacts(schedule: Schedule, writer: Writer): object[] {
  const { words, number } = writer
  const yesNo = (value: boolean) => words.say(value ? 'admin.yes' : 'admin.no')
  const fact = (key: string, value: string) => ({ label: words.say(`admin.schedules.${key}`), value })
  return [
    fact('when', whenWords(schedule, writer) ?? schedule.crons.join(' | ')),
    fact('zone', zoneWords(schedule.timeZone, writer)),
    fact('carries', filterText(schedule.filter)),
    fact('minMessages', number(schedule.minMessages)),
    fact('sendsEmpty', yesNo(schedule.sendsEmpty)),
    fact('spread', timeText(Math.round(schedule.spread / MINUTE))),
    fact('isOffered', yesNo(schedule.isOffered)),
    fact('enabled', yesNo(schedule.enabled)),
  ]
}
