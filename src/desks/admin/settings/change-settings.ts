import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { ReleasePolicies } from '../../../rules/policy/policy.ts'
import { type Editor, type Reach, reaches, requireAll, requireReach } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { effectiveSettings, type StandardSettings } from '../../../rules/settings/reader-settings.ts'
import { canonicalScope, EVERYBODY, layersOf, scopeOf, settableScope } from '../../../rules/settings/scope.ts'
import { requireSettings } from '../../../rules/settings/setting-faults.ts'
import type { ScopeSettings, SettingFields } from '../../../rules/settings/setting-fields.ts'
import { changeOfWish, type SettingsWish } from '../../../rules/settings/settings-wish.ts'
import type { DestinationChange } from '../../../work/settings/destination-notices.ts'
import {
  type OnDestinationChanged,
  reportMovedDestinations,
} from '../../../work/settings/moved-destinations.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import {
  fieldsOf,
  type Layers,
  removeRow,
  type Written,
  writeSettings,
} from '../../../work/settings/write-settings.ts'
import { coverageWarnings } from '../schedules/coverage-warnings.ts'
import { schedulesWithin } from '../schedules/schedules-within.ts'

export interface SettingsDeps {
  readonly state: Database<StateTables>
  readonly standard: StandardSettings
  readonly locales: Pick<Locales, 'languages'>
  /** A kind whose policy is `never` is in no digest: no schedule has to carry it. */
  readonly policies: ReleasePolicies
  readonly clock: () => number
  /** Tells those concerned that an admin lets digests go elsewhere. */
  readonly onDestinationChanged: OnDestinationChanged
}

export interface SettingsSet {
  /** As they stand now; version 0 when nothing is set any more. */
  readonly settings: ScopeSettings
  readonly warnings: readonly string[]
}

/**
 * Changes what is set for a reader, a domain or everybody, and tells those concerned whose digests go elsewhere.
 *
 * @param wish what depends on what holds is worked out in the transaction that writes it
 * @param expected the version that was looked at; 0: nothing was set; undefined: whatever is set
 * @throws CodedError SETTING_INVALID with all faults, OUT_OF_REACH, EDIT_CONFLICT
 */
export async function setSettings(
  deps: SettingsDeps,
  by: Editor,
  scopeText: string,
  wish: SettingsWish,
  expected?: number,
): Promise<SettingsSet> {
  const { settings, warnings, destination } = await writeWish(deps, by, scopeText, wish, expected)
  const untold = await reportMovedDestinations(deps, by.actor, [destination])
  return { settings, warnings: [...warnings, ...untold] }
}

/** Settings that were written, and where the digests went and go: those concerned are to be told of it. */
export interface SettingsWritten extends SettingsSet {
  readonly destination: DestinationChange
}

/** As `setSettings`, and tells nobody. In a transaction of the caller it is a part of that one. */
export async function writeWish(
  deps: SettingsDeps,
  by: Editor,
  scopeText: string,
  wish: SettingsWish,
  expected?: number,
): Promise<SettingsWritten> {
  const scope = settableScope(scopeText)
  requireScope(by.reach, scope)
  const now = deps.clock()
  const schedules = await schedulesWithin(deps.state, by.reach)
  const { standard } = deps
  const { before, after } = await writeSettings(deps.state, {
    scope,
    changeOf: rows => requireSettings(deps, scope, changeOfWish(wish, { scope, rows, standard }), schedules),
    expected,
    actor: by.actor,
    now,
  })
  const settings = after.get(scope) ?? unset(scope, now)
  const warnings = [
    ...warningsOf(settings, schedules),
    ...(wish.schedules === undefined ? [] : coverageOf(deps, scope, after, schedules)),
  ]
  return { settings, warnings, destination: destinationChange(deps, scope, { before, after }) }
}

/**
 * Lets the wider settings hold for a reader or a domain again. Settings under another spelling than the one form, which
 * somebody wrote by hand and nobody finds, are removed by that spelling.
 *
 * @returns what was removed; undefined: nothing was set
 * @throws CodedError SETTING_INVALID, OUT_OF_REACH, EDIT_CONFLICT
 */
export async function removeSettings(
  deps: SettingsDeps,
  by: Editor,
  scopeText: string,
  expected?: number,
): Promise<ScopeSettings | undefined> {
  const stray = await removeStray(deps, by, scopeText)
  if (stray) return stray
  const scope = scopeOf(scopeText)
  requireScope(by.reach, scope)
  const write = { scope, changeOf: () => NOTHING, expected, actor: by.actor, now: deps.clock() }
  const written = await writeSettings(deps.state, write)
  await reportMovedDestinations(deps, by.actor, [destinationChange(deps, scope, written)])
  return written.before.get(scope)
}

/** What holds for everybody is for those who look after all domains. @throws CodedError OUT_OF_REACH */
export function requireScope(reach: Reach, scope: string): void {
  if (scope === EVERYBODY) requireAll(reach)
  else requireReach(reach, scope)
}

async function removeStray(
  { state, clock }: SettingsDeps,
  by: Editor,
  spelling: string,
): Promise<ScopeSettings | undefined> {
  const scope = canonicalScope(spelling)
  if (scope === spelling || (scope === undefined ? by.reach : !reaches(by.reach, scope))) return undefined
  const row = (await readScopes(state, [spelling])).get(spelling)
  if (row) await inTransaction(state, sql => removeRow({ ...state, sql }, row, by.actor, clock()))
  return row
}

/** A row in which nothing is set is none. */
const unset = (scope: string, now: number): ScopeSettings => ({
  ...fieldsOf(undefined),
  scope,
  isCanonical: true,
  version: 0,
  updatedAt: now,
})

const NOTHING: SettingFields = fieldsOf(undefined)

function warningsOf(settings: SettingFields, schedules: readonly Schedule[]): string[] {
  const off = schedules.filter(({ name, enabled }) => !enabled && settings.schedules?.includes(name))
  return off.map(
    ({ name }) =>
      `The schedule ${name} is off: it sends nothing until it is on (amavis-digest schedules set ${name} --on).`,
  )
}

/** What is never listed by the schedules that hold in the end, be they named in the scope itself or wider. */
function coverageOf(
  { policies, standard }: SettingsDeps,
  scope: string,
  rows: Layers,
  schedules: readonly Schedule[],
): string[] {
  return coverageWarnings(
    schedulesOf(effectiveSettings(layersOf(scope), rows, standard), schedules),
    policies,
  )
}

function destinationChange(
  { standard }: SettingsDeps,
  scope: string,
  { before, after }: Written,
): DestinationChange {
  const destination = (layers: Layers) => effectiveSettings(layersOf(scope), layers, standard).deliverTo
  return { scope, from: destination(before), to: destination(after) }
}
