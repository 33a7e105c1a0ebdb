import { recordAudits } from '../../../ground/audit/record.ts'
import { chunks } from '../../../ground/database/chunks.ts'
import type { Database } from '../../../ground/database/database.ts'
import type { PreferenceTable, StateTables } from '../../../ground/state/state-tables.ts'
import type { Editor } from '../../../rules/reach/reach.ts'
import type { SettingsChange } from '../../../rules/settings/setting-faults.ts'
import type { ScopeSettings, SettingFields } from '../../../rules/settings/setting-fields.ts'
import type { MovedRow } from '../../../work/settings/moved-destinations.ts'
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

/** What shall change for one scope. */
export interface ImportRow {
  /** Of a file, or the place among items. */
  readonly line: number
  readonly scope: string
  readonly change: SettingsChange
  /** The version that was looked at; 0: none was there; undefined: whatever is there. */
  readonly expected: number | undefined
}

export interface Applied {
  readonly set: number
  /** In which nothing was set any more. */
  readonly removed: number
  readonly unchanged: number
  /** How many values of each setting were taken away. */
  readonly cleared: Readonly<Partial<Record<keyof SettingFields, number>>>
  readonly moved: readonly MovedRow[]
  /** Left alone: somebody has changed them since they were looked at. */
  readonly stale: readonly Stale[]
}

/** A row that is not of the version that stands there. */
export interface Stale {
  readonly row: ImportRow
  readonly version: number
}

/**
 * Changes many scopes, in a transaction of the caller.
 *
 * @param by undefined: nothing is written
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
  for (const some of chunks(rows)) {
    if (by) await hold(state, some, now)
    const plans = await plansFor(state, some, now)
    stale.push(...plans.filter(isStale))
    const changed = plans.filter(plan => plan.isChange && !isStale(plan))
    const removed = changed.filter(({ fields }) => isEmpty(fields))
    applied.removed += removed.length
    applied.set += changed.length - removed.length
    applied.unchanged += plans.filter(({ isChange }) => !isChange).length
    for (const field of changed.flatMap(clearedFields)) cleared[field] = (cleared[field] ?? 0) + 1
    moved.push(...changed.flatMap(movedOf))
    if (by) await write(state, plans, changed, by, now)
  }
  return { ...applied, cleared, moved, stale }
}

/** Where nothing is set any more, nothing is overwritten: an export can be taken back, or to another server. */
const isStale = ({ row, isChange, version }: Plan): boolean =>
  isChange && version !== 0 && (row.expected ?? version) !== version

interface Plan extends Stale {
  readonly before: ScopeSettings | undefined
  /** What that sets still. */
  readonly held: SettingFields
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
    const old = before.get(row.scope)
    const held = withoutEndedPause(old, now)
    const fields = withChange(held, row.change)
    const version = old === undefined || isEmpty(old) ? 0 : old.version
    return { row, before: old, held, fields, version, isChange: !isSame(held, fields) }
  })
}

const clearedFields = ({ held, fields }: Plan): (keyof SettingFields)[] =>
  (Object.keys(fields) as (keyof SettingFields)[]).filter(
    field => fields[field] === null && held[field] !== null,
  )

function movedOf({ row, before, fields }: Plan): MovedRow[] {
  const [from, to] = [before?.deliverTo ?? null, fields.deliverTo]
  return from === to ? [] : [{ scope: row.scope, before: from, after: to }]
}

/**
 * Makes sure that there is a row of each scope, and locks it until the end of the transaction, in whichever database:
 * who changes one of them at the same time has done so before it is read, or finds another version afterwards.
 */
async function hold(state: Database<StateTables>, rows: readonly ImportRow[], now: number): Promise<void> {
  const version = firstVersion() - 1
  const values = rows.map(({ scope }) =>
    rowOf({ ...fieldsOf(undefined), scope, isCanonical: true, version, updatedAt: now }),
  )
  const insert = state.sql.insertInto('digest_preference').values(values)
  await state.dialect.insertOrUpdate(insert, ['scope'], ['scope']).execute()
}

async function write(
  state: Database<StateTables>,
  plans: readonly Plan[],
  changed: readonly Plan[],
  { actor }: Editor,
  now: number,
): Promise<void> {
  const filled = changed.filter(({ fields }) => !isEmpty(fields))
  const isFilled = new Set(filled)
  // Also what was only held.
  const gone = plans.filter(plan => !isFilled.has(plan) && (plan.version === 0 || changed.includes(plan)))
  await remove(state, gone)
  await set(state, filled, now)
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

async function remove(state: Database<StateTables>, plans: readonly Plan[]): Promise<void> {
  if (plans.length === 0) return
  const scopes = plans.map(({ row }) => row.scope)
  await state.sql.deleteFrom('digest_preference').where('scope', 'in', scopes).execute()
}

async function set(state: Database<StateTables>, plans: readonly Plan[], now: number): Promise<void> {
  const rowOfPlan = ({ row, before, fields }: Plan): PreferenceTable =>
    rowOf({ ...fields, scope: row.scope, isCanonical: true, version: versionAfter(before), updatedAt: now })
  const isKept = ({ before, fields }: Plan) => (before?.timeZone ?? null) === fields.timeZone
  await upsert(state, plans.filter(isKept).map(rowOfPlan), COLUMNS)
  await upsert(state, plans.filter(plan => !isKept(plan)).map(rowOfPlan), [...COLUMNS, 'zone_since'])
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

const COLUMNS = [
  'schedules',
  'language',
  'time_zone',
  'deliver_to',
  'paused_until',
  'enabled',
  'locked',
  'version',
  'updated_at',
] as const
