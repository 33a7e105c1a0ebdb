import { z } from 'zod'
import { LOCK_NAMES, type LockName } from '../../../../../desks/admin/settings/settings-json.ts'
import { SCHEDULE_NAME } from '../../../../../rules/schedule/schedule-faults.ts'
import { unlessEnded } from '../../../../../rules/settings/ended-pause.ts'
import type { SettingsChange } from '../../../../../rules/settings/setting-faults.ts'
import {
  FOREVER,
  LONGEST_PHRASE,
  type LockField,
  MOST_COPIES,
  NOT_PAUSED,
  type SettingFields,
} from '../../../../../rules/settings/setting-fields.ts'
import { component } from '../../protocol/components.ts'
import { line, versionField } from '../../protocol/fields.ts'
import { lockName } from './settings-answer.ts'

/** Each may be null: it is then inherited from the wider scope. */
const fields = {
  schedules: z
    .array(z.string().regex(SCHEDULE_NAME))
    .min(1)
    .max(50)
    .nullable()
    .describe('The names of the schedules.'),
  language: line(64).nullable().describe('The language of digests, as a BCP 47 tag such as `de`.'),
  timezone: line(64).nullable().describe('The time zone, as an IANA name such as `Europe/Paris`.'),
  deliverTo: line(320).nullable().describe('Another address that gets the digests.'),
  pausedUntil: z
    .union([z.iso.datetime({ offset: true }), z.enum(['forever', 'never'])])
    .nullable()
    .describe('When a pause ends, or `forever`. `never` lifts a pause of the wider scope.'),
  on: z.boolean().nullable().describe('False turns the digests off.'),
  locked: z.array(lockName).max(5).nullable().describe('What readers cannot change themselves.'),
  phrase: line(LONGEST_PHRASE)
    .nullable()
    .describe('Words by which a reader knows that a digest is genuine. It shows them.'),
  copyTo: z
    .array(line(320))
    .max(MOST_COPIES)
    .nullable()
    .describe(
      'The addresses that get a copy of each digest. The links in a copy act for the reader. An empty list: nobody, whatever the wider scope says.',
    ),
  leaveOutBlocked: z
    .boolean()
    .nullable()
    .describe('True leaves mail of senders on a block list out of digests. It stays in the quarantine.'),
}

/** The settings of a body, and the other properties of an answer, so that an answer can be sent back unchanged. */
export const settingFields = {
  ...z.strictObject(fields).partial().shape,
  updatedAt: z.unknown().optional().describe('Ignored. An answer can be sent back as it came.'),
  version: versionField,
}

const scope = z.unknown().optional().describe('Ignored. The path names the scope.')

const EXAMPLE_BODY = { schedules: ['weekdays'], language: 'fr', locked: ['deliverTo' as const] }

export const completeSettings = component(
  'WholeSettings',
  z
    .strictObject({ ...settingFields, scope })
    .describe(
      'Everything that is set for a scope. What is null or left out is inherited from the wider scope.',
    ),
  EXAMPLE_BODY,
)

export const settingsChange = component(
  'SettingsChange',
  z
    .strictObject({ ...settingFields, scope })
    .describe('A change of settings. What is left out stays. Null inherits from the wider scope.'),
  { pausedUntil: '2026-04-01T00:00:00Z', timezone: null },
)

type Fields = z.output<z.ZodObject<typeof fields>>

type SettingsBody = { readonly [Key in keyof Fields]?: Fields[Key] | undefined }

/** Reads a change. What is left out stays. */
export const settingsChangeOf = (body: SettingsBody): SettingsChange => ({
  schedules: body.schedules,
  language: body.language,
  timeZone: body.timezone,
  deliverTo: body.deliverTo,
  pausedUntil: mapped(body.pausedUntil, pauseOf),
  enabled: body.on,
  locked: mapped(body.locked, names => names.map(name => FIELDS[name])),
  phrase: body.phrase,
  copyTo: body.copyTo,
  leaveOutBlocked: body.leaveOutBlocked,
})

/** Reads a complete set of settings. What is left out is not set, and a pause that has ended is removed. */
export function completeSettingsOf(body: SettingsBody, now: number): SettingFields {
  const {
    schedules,
    language,
    timeZone,
    deliverTo,
    pausedUntil,
    enabled,
    locked,
    phrase,
    copyTo,
    leaveOutBlocked,
  } = settingsChangeOf(body)
  return {
    schedules: schedules ?? null,
    language: language ?? null,
    timeZone: timeZone ?? null,
    deliverTo: deliverTo ?? null,
    pausedUntil: unlessEnded(pausedUntil ?? null, now),
    enabled: enabled ?? null,
    locked: locked ?? null,
    phrase: phrase ?? null,
    copyTo: copyTo ?? null,
    leaveOutBlocked: leaveOutBlocked ?? null,
  }
}

const mapped = <Value extends string | readonly string[], Result>(
  value: Value | null | undefined,
  map: (value: Value) => Result,
): Result | null | undefined => (value === null || value === undefined ? value : map(value))

function pauseOf(text: string): number {
  if (text === 'forever') return FOREVER
  return text === 'never' ? NOT_PAUSED : Date.parse(text)
}

const FIELDS = Object.fromEntries(
  Object.entries(LOCK_NAMES).map(([field, name]) => [name, field]),
) as Readonly<Record<LockName, LockField>>
