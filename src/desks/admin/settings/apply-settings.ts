import { isDeepStrictEqual } from 'node:util'
import { recordAudits } from '../../../ground/audit/record.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { PreferenceTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import type { SettingsChange } from '../../../rules/settings/setting-faults.ts'
import {
  type ScopeSettings,
  SETTING_COLUMNS,
  type SettingFields,
} from '../../../rules/settings/setting-fields.ts'
import { awaitLeftOut } from '../../../work/settings/await-left-out.ts'
import type { Destinations, MovedRow } from '../../../work/settings/moved-destinations.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import {
  difference,
  fieldsOf,
  firstVersion,
  isEmpty,
  isSame,
  rowOf,
  versionAfter,
  withChange,
  withoutEndedPause,
} from '../../../work/settings/write-settings.ts'

/** A change of the settings of one scope. */
export interface ImportRow {
  /** The line in the file, or the index among the items. */
  readonly line: number
  readonly scope: string
  readonly change: SettingsChange
  /** The version that was seen; 0: nothing was set; undefined: any. */
  readonly expected: number | undefined
}

export interface Applied {
  readonly set: number
  /** How many scopes are left without settings. */
  readonly removed: number
  readonly unchanged: number
  /** How many values of each setting were cleared. */
  readonly cleared: Readonly<Partial<Record<keyof SettingFields, number>>>
  readonly moved: readonly MovedRow[]
  /** Rows that were left alone, because somebody has changed their scopes since they were seen. */
  readonly stale: readonly Stale[]
}

/** A row that is based on an outdated version. */
export interface Stale {
  readonly row: ImportRow
  /** The version of the settings now. */
  readonly version: number
}

/**
 * Changes the settings of many scopes, within a transaction of the caller.
 *
 * @param by undefined: nothing is written, and only the counts are returned
 */
export async function applySettings(
  state: Database<StateTables>,
  rows: readonly ImportRow[],
  by: Editor | undefined,
  now: number,
): Promise<Applied> {
  const applied = { set: 0, removed: 0, unchanged: 0 }
  const cleared: Partial<Record<keyof SettingFields, number>> = {}
  const moved: MovedRow[] = []
  const stale: Stale[] = []
  for (const chunk of chunks(rows)) {
    if (by) await lockScopes(state, chunk, now)
    const plans = await plansFor(state, chunk, now)
    stale.push(...plans.filter(isStale))
    const changed = plans.filter(plan => plan.isChange && !isStale(plan))
    const removed = changed.filter(({ fields }) => isEmpty(fields))
    applied.removed += removed.length
    applied.set += changed.length - removed.length
    applied.unchanged += plans.filter(({ isChange }) => !isChange).length
    for (const field of changed.flatMap(clearedFields)) cleared[field] = (cleared[field] ?? 0) + 1
    moved.push(...changed.flatMap(movedOf))
    if (by) await writePlans(state, plans, changed, by, now)
  }
  return { ...applied, cleared, moved, stale }
}

/** Where nothing is set any longer, nothing is overwritten. So an export can be restored, here or on another server. */
const isStale = ({ row, isChange, version }: Plan): boolean =>
  isChange && version !== 0 && (row.expected ?? version) !== version

/** What a row does to the settings of its scope. */
interface Plan extends Stale {
  /** The settings as they are stored. */
  readonly before: ScopeSettings | undefined
  /** The same, without a pause that has ended. */
  readonly current: SettingFields
  /** The settings after the change. */
  readonly fields: SettingFields
  readonly isChange: boolean
}

async function plansFor(
  state: Database<StateTables>,
  rows: readonly ImportRow[],
  now: number,
): Promise<Plan[]> {
  const before = await readScopes(
    state,
    rows.map(({ scope }) => scope),
  )
  return rows.map(row => {
    const stored = before.get(row.scope)
    const current = withoutEndedPause(stored, now)
    const fields = withChange(current, row.change)
    const version = stored === undefined || isEmpty(stored) ? 0 : stored.version
    return { row, before: stored, current, fields, version, isChange: !isSame(current, fields) }
  })
}

const clearedFields = ({ current, fields }: Plan): (keyof SettingFields)[] =>
  (Object.keys(fields) as (keyof SettingFields)[]).filter(
    field => fields[field] === null && current[field] !== null,
  )

function movedOf({ row, before, fields }: Plan): MovedRow[] {
  const [from, to] = [destinationsOf(fieldsOf(before)), destinationsOf(fields)]
  return isDeepStrictEqual(from, to) ? [] : [{ scope: row.scope, before: from, after: to }]
}

const destinationsOf = ({ deliverTo, copyTo }: SettingFields): Destinations => ({ deliverTo, copyTo })

/**
 * Makes sure that each scope has a row, and locks it until the end of the transaction, on every database. A concurrent
 * change of a scope is then either committed before the scope is read, or finds a newer version afterwards.
 */
async function lockScopes(
  state: Database<StateTables>,
  rows: readonly ImportRow[],
  now: number,
): Promise<void> {
  const version = firstVersion() - 1
  const values = rows.map(({ scope }) =>
    rowOf({ ...fieldsOf(undefined), scope, isCanonical: true, version, updatedAt: now }),
  )
  const insert = state.sql.insertInto('digest_preference').values(values)
  await state.dialect.insertOrUpdate(insert, ['scope'], ['scope']).execute()
}

async function writePlans(
  state: Database<StateTables>,
  plans: readonly Plan[],
  changed: readonly Plan[],
  { actor }: Editor,
  now: number,
): Promise<void> {
  const toSet = changed.filter(({ fields }) => !isEmpty(fields))
  const isToSet = new Set(toSet)
  // Includes the empty rows that `lockScopes` has made.
  const toRemove = plans.filter(plan => !isToSet.has(plan) && (plan.version === 0 || changed.includes(plan)))
  await removeRows(state, toRemove)
  await setRows(state, toSet, now)
  const isOther = ({ before, fields }: Plan) => (before?.leaveOutBlocked ?? null) !== fields.leaveOutBlocked
  await awaitLeftOut(
    state,
    changed.filter(isOther).map(({ row }) => row.scope),
  )
  await recordAudits(
    state,
    changed.map(({ row, before, fields }) => ({
      actor,
      action: isEmpty(fields) ? 'settings-remove' : 'settings-set',
      recipient: row.scope,
      outcome: 'done',
      detail: difference(before, fields),
    })),
    now,
  )
}

async function removeRows(state: Database<StateTables>, plans: readonly Plan[]): Promise<void> {
  if (plans.length === 0) return
  const scopes = plans.map(({ row }) => row.scope)
  await state.sql.deleteFrom('digest_preference').where('scope', 'in', scopes).execute()
}

async function setRows(state: Database<StateTables>, plans: readonly Plan[], now: number): Promise<void> {
  const rowOfPlan = ({ row, before, fields }: Plan): PreferenceTable =>
    rowOf({ ...fields, scope: row.scope, isCanonical: true, version: versionAfter(before), updatedAt: now })
  const keepsZone = ({ before, fields }: Plan) => (before?.timeZone ?? null) === fields.timeZone
  await upsert(state, plans.filter(keepsZone).map(rowOfPlan), COLUMNS)
  await upsert(state, plans.filter(plan => !keepsZone(plan)).map(rowOfPlan), [...COLUMNS, 'zone_since'])
}

async function upsert(
  { sql, dialect }: Database<StateTables>,
  values: readonly PreferenceTable[],
  columns: readonly (keyof PreferenceTable)[],
): Promise<void> {
  if (values.length === 0) return
  const insert = sql.insertInto('digest_preference').values(values)
  await dialect.insertOrUpdate(insert, ['scope'], columns).execute()
}

const COLUMNS = [...SETTING_COLUMNS, 'version', 'updated_at'] as const
