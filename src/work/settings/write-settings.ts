import { randomInt } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { type Actor, type AuditAction, recordAudit } from '../../ground/audit/record.ts'
import type { Database } from '../../ground/database/database.ts'
import { inTransaction } from '../../ground/database/transaction.ts'
import { displayText } from '../../ground/display/text.ts'
import { DAY } from '../../ground/durations.ts'
import { CodedError } from '../../ground/errors.ts'
import type { PreferenceTable, StateTables } from '../../ground/state/state-tables.ts'
import { unlessEnded } from '../../rules/settings/ended-pause.ts'
import { endOfPauses } from '../../rules/settings/reader-settings.ts'
import { layersOf } from '../../rules/settings/scope.ts'
import type { SettingsChange } from '../../rules/settings/setting-faults.ts'
import { NOT_PAUSED, type ScopeSettings, type SettingFields } from '../../rules/settings/setting-fields.ts'
import { settingWords } from '../../rules/settings/settings-words.ts'
import { awaitLeftOut } from './await-left-out.ts'
import { keepSchedules } from './keep-schedules.ts'
import { readScopes } from './read-settings.ts'

export interface SettingsWrite {
  /** In canonical form. */
  readonly scope: string
  /** Works the validated change out from the current settings. Throws if these forbid it. */
  readonly changeOf: (held: Layers) => SettingsChange
  /** The version that the editor saw: 0 for no row, undefined to overwrite any version. */
  readonly expected: number | undefined
  readonly actor: Actor
  readonly now: number
}

/** The rows of a scope and of the wider scopes around it. */
export type Layers = ReadonlyMap<string, ScopeSettings>

export interface Written {
  readonly before: Layers
  readonly after: Layers
}

/**
 * Writes the change and its audit row in one transaction. A row in which nothing is set any more is deleted. When
 * another change comes in between, the change is worked out again from the settings that hold then.
 *
 * @throws CodedError EDIT_CONFLICT
 */
export async function writeSettings(state: Database<StateTables>, write: SettingsWrite): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const written = await inTransaction(state, transaction => tryWrite({ ...state, sql: transaction }, write))
    if (written) return written
    if (attempt === ATTEMPTS || write.expected !== undefined) throw await conflict(state, write)
  }
}

/** How often a change without an expected version is tried when other changes interfere. */
const ATTEMPTS = 5

/**
 * The version of a new row. It is random, so that it differs from the version of an earlier row of this scope that an
 * editor may still hold. The chance of a collision is one in 10^9; as many increments fit in 32 bits.
 */
export const firstVersion = (): number => randomInt(2, 2 ** 30)

/** @returns undefined when another change came in between */
async function tryWrite(state: Database<StateTables>, write: SettingsWrite): Promise<Written | undefined> {
  const { scope, now } = write
  const before = await readScopes(state, layersOf(scope))
  const row = before.get(scope)
  const change = write.changeOf(before)
  if (write.expected !== undefined && write.expected !== (row?.version ?? 0))
    throw await conflict(state, write)
  const fields = changedFields(write, change, before)
  if (isSame(row, fields)) return { before, after: before }
  const settings = { ...fields, scope, isCanonical: true, version: versionAfter(row), updatedAt: now }
  if (!(await store(state, row, isEmpty(fields) ? undefined : settings))) return undefined
  const action = actionOf(write, row, fields)
  const entry = {
    actor: write.actor,
    action,
    recipient: scope,
    outcome: 'done',
    detail: difference(row, fields),
  }
  await recordAudit(state, entry, now)
  if ((row?.leaveOutBlocked ?? null) !== fields.leaveOutBlocked) await awaitLeftOut(state, [scope])
  await keepSchedules(state, state.sql, new Set(change.schedules))
  const after = new Map(before)
  if (isEmpty(fields)) after.delete(scope)
  else after.set(scope, settings)
  return { before, after }
}

export const versionAfter = (row: ScopeSettings | undefined): number =>
  row ? row.version + 1 : firstVersion()

function changedFields({ scope, now }: SettingsWrite, change: SettingsChange, layers: Layers): SettingFields {
  const all = withChange(fieldsOf(layers.get(scope)), change)
  // If no wider scope is paused, the row need not say "not paused", so that a later pause of theirs applies again.
  const isPausedAbove = (endOfPauses(layersOf(scope).slice(1), layers) ?? NOT_PAUSED) > now
  return all.pausedUntil === NOT_PAUSED && !isPausedAbove ? { ...all, pausedUntil: null } : all
}

/** The settings of a row; all null if there is no row. */
export const fieldsOf = (row: SettingFields | undefined): SettingFields => ({
  schedules: row?.schedules ?? null,
  language: row?.language ?? null,
  timeZone: row?.timeZone ?? null,
  deliverTo: row?.deliverTo ?? null,
  pausedUntil: row?.pausedUntil ?? null,
  enabled: row?.enabled ?? null,
  locked: row?.locked ?? null,
  phrase: row?.phrase ?? null,
  copyTo: row?.copyTo ?? null,
  leaveOutBlocked: row?.leaveOutBlocked ?? null,
})

/** In a change, null removes a setting and undefined leaves it as it is. */
export const withChange = (fields: SettingFields, change: SettingsChange): SettingFields => ({
  ...fields,
  ...Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)),
})

/** The settings of a row without a pause that has ended. */
export function withoutEndedPause(row: SettingFields | undefined, now: number): SettingFields {
  const fields = fieldsOf(row)
  return { ...fields, pausedUntil: unlessEnded(fields.pausedUntil, now) }
}

/** Whether two rows have the same settings, whatever their versions. */
export const isSame = (one: SettingFields | undefined, other: SettingFields): boolean =>
  isDeepStrictEqual(fieldsOf(one), fieldsOf(other))

/** Whether nothing is set. */
export const isEmpty = (fields: SettingFields): boolean => isSame(undefined, fields)

/** @returns false when the row has changed since it was read */
async function store(
  state: Database<StateTables>,
  row: ScopeSettings | undefined,
  settings: ScopeSettings | undefined,
): Promise<boolean> {
  if (row && settings) return update(state, row, settings)
  if (row) return remove(state, row)
  return settings === undefined || insert(state, settings)
}

async function update(
  state: Database<StateTables>,
  row: ScopeSettings,
  settings: ScopeSettings,
): Promise<boolean> {
  const { numUpdatedRows } = await state.sql
    .updateTable('digest_preference')
    .set(({ fn, val }) => ({
      ...rowOf(settings),
      ...(row.timeZone === settings.timeZone && {
        zone_since: fn.coalesce('zone_since', val(row.updatedAt)),
      }),
    }))
    .where('scope', '=', row.scope)
    .where('version', '=', row.version)
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

async function remove(state: Database<StateTables>, row: ScopeSettings): Promise<boolean> {
  const { numDeletedRows } = await state.sql
    .deleteFrom('digest_preference')
    .where('scope', '=', row.scope)
    .where('version', '=', row.version)
    .executeTakeFirst()
  return numDeletedRows > 0n
}

/** Reads the row again, because databases differ in how they count an insert that found a row. */
async function insert(state: Database<StateTables>, settings: ScopeSettings): Promise<boolean> {
  const statement = state.sql.insertInto('digest_preference').values(rowOf(settings))
  await state.dialect.insertNew(statement, ['scope']).execute()
  return isDeepStrictEqual((await readScopes(state, [settings.scope])).get(settings.scope), settings)
}

/** The row of settings that have just been made; their time zone counts from now on. */
export const rowOf = (settings: ScopeSettings): PreferenceTable => ({
  scope: settings.scope,
  schedules: settings.schedules && JSON.stringify(settings.schedules),
  language: settings.language,
  time_zone: settings.timeZone,
  deliver_to: settings.deliverTo,
  paused_until: settings.pausedUntil,
  enabled: settings.enabled === null ? null : Number(settings.enabled),
  locked: settings.locked && JSON.stringify(settings.locked),
  phrase: settings.phrase,
  copy_to: settings.copyTo && JSON.stringify(settings.copyTo),
  leave_out_blocked: settings.leaveOutBlocked === null ? null : Number(settings.leaveOutBlocked),
  version: settings.version,
  updated_at: settings.updatedAt,
  zone_since: settings.timeZone === null ? null : settings.updatedAt,
})

/** Says who made the other change, if the audit of the last days knows. */
async function conflict(
  state: Pick<Database<StateTables>, 'sql'>,
  write: SettingsWrite,
): Promise<CodedError> {
  const last = await state.sql
    .selectFrom('digest_audit')
    .select(['actor', 'at'])
    .where('at', '>=', write.now - RECENTLY)
    .where('recipient', '=', write.scope)
    .where('action', 'in', ['settings-set', 'settings-remove', 'pause', 'resume'])
    .orderBy('at', 'desc')
    .limit(1)
    .executeTakeFirst()
  const who = last ? ` by ${displayText(last.actor, 100)} at ${new Date(Number(last.at)).toISOString()}` : ''
  return new CodedError(
    'EDIT_CONFLICT',
    `The settings of ${write.scope} were changed meanwhile${who}. Nothing was overwritten: ` +
      'look at them as they are now, then change them again.',
  )
}

/** How long somebody may look at a page before making a change. */
const RECENTLY = 2 * DAY

/** A pause by a reader is an action of its own in the audit, whichever way it was requested. */
function actionOf(
  { actor, now }: SettingsWrite,
  before: ScopeSettings | undefined,
  after: SettingFields,
): AuditAction {
  const { pausedUntil, ...rest } = fieldsOf(before)
  const { pausedUntil: until, ...others } = after
  const isPause = pausedUntil !== until && isDeepStrictEqual(rest, others)
  if (actor.kind === 'reader' && isPause) return (until ?? NOT_PAUSED) > now ? 'pause' : 'resume'
  return isEmpty(after) ? 'settings-remove' : 'settings-set'
}

/** Removes a row if it is still as it was read, even if its scope is not canonical. */
export async function removeRow(
  state: Database<StateTables>,
  row: ScopeSettings,
  actor: Actor,
  now: number,
): Promise<void> {
  if (!(await remove(state, row))) return
  const detail = difference(row, undefined)
  const entry = { actor, action: 'settings-remove', recipient: row.scope, outcome: 'done', detail } as const
  await recordAudit(state, entry, now)
}

/** Describes each changed setting: its name, the old value and the new one. */
export function difference(before: SettingFields | undefined, after: SettingFields | undefined): string {
  const [old, now] = [settingWords(fieldsOf(before)), settingWords(fieldsOf(after))]
  const isOtherPhrase = before?.phrase && after?.phrase && before.phrase !== after.phrase
  return old
    .map(([name, words], index) => [name, words, now[index]?.[1] ?? '-'] as const)
    .map(([name, from, to]) => [name, from, name === 'phrase' && isOtherPhrase ? 'another' : to] as const)
    .filter(([, from, to]) => from !== to)
    .map(([name, from, to]) => `${name}: ${from} → ${to}`)
    .join('; ')
}
