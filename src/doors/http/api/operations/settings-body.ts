import { z } from 'zod'
import { LOCK_NAMES, type LockName } from '../../../../desks/admin/settings/settings-json.ts'
import { SCHEDULE_NAME } from '../../../../rules/schedule/schedule-faults.ts'
import type { SettingsChange } from '../../../../rules/settings/setting-faults.ts'
import {
  FOREVER,
  type LockField,
  NOT_PAUSED,
  type SettingFields,
} from '../../../../rules/settings/setting-fields.ts'
import { component } from '../protocol/components.ts'
import { line, versionField } from '../protocol/fields.ts'
import { lockName } from './settings-answer.ts'

/** Each may be null: as the wider scope says. */
export const settingFields = {
  schedules: z.array(z.string().regex(SCHEDULE_NAME)).min(1).max(50).nullable(),
  language: line(64).nullable().describe('A BCP 47 tag, such as de.'),
  timezone: line(64).nullable().describe('An IANA name, such as Europe/Paris.'),
  deliverTo: line(320).nullable().describe('Another address that gets the digests.'),
  pausedUntil: z
    .union([z.iso.datetime({ offset: true }), z.enum(['forever', 'never'])])
    .nullable()
    .describe('A time; `forever`; or `never`, whatever the wider scope says.'),
  on: z.boolean().nullable(),
  locked: z.array(lockName).max(5).nullable().describe('What readers cannot change themselves.'),
}

const optional = z.strictObject(settingFields).partial().shape

/** What an answer holds besides, so that it can be sent back as it came. */
export const besides = {
  updatedAt: z.unknown().optional().describe('Not read.'),
  version: versionField,
}

const told = { scope: z.unknown().optional().describe('Not read: the path says it.'), ...besides }

export const wholeSettings = component('WholeSettings', z.strictObject({ ...optional, ...told }))

export const settingsChange = component('SettingsChange', z.strictObject({ ...optional, ...told }))

type Fields = z.output<z.ZodObject<typeof settingFields>>

type Written = { readonly [Key in keyof Fields]?: Fields[Key] | undefined }

/** What is left out stays. */
export const settingsChangeOf = (written: Written): SettingsChange => ({
  schedules: written.schedules,
  language: written.language,
  timeZone: written.timezone,
  deliverTo: written.deliverTo,
  pausedUntil: mapped(written.pausedUntil, pauseOf),
  enabled: written.on,
  locked: mapped(written.locked, names => names.map(name => FIELDS[name])),
})

/** What is left out is not set. A pause that has ended comes back as none. */
export function wholeSettingsOf(written: Written, now: number): SettingFields {
  const { schedules, language, timeZone, deliverTo, pausedUntil, enabled, locked } = settingsChangeOf(written)
  return {
    schedules: schedules ?? null,
    language: language ?? null,
    timeZone: timeZone ?? null,
    deliverTo: deliverTo ?? null,
    pausedUntil: pausedUntil && pausedUntil <= now ? null : (pausedUntil ?? null),
    enabled: enabled ?? null,
    locked: locked ?? null,
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
