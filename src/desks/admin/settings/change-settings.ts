import type { Database } from '../../../ground/database/database.ts'
import { inTransaction } from '../../../ground/database/transaction.ts'
import type { Directory } from '../../../ground/directory/directory.ts'
import type { Locales } from '../../../ground/i18n/locales.ts'
import type { StateTables } from '../../../ground/state/state-tables.ts'
import type { Policies } from '../../../rules/policy/policy.ts'
import { type Editor, type Reach, reaches, requireAll, requireReach } from '../../../rules/reach/reach.ts'
import type { Schedule } from '../../../rules/schedule/schedule.ts'
import { schedulesOf } from '../../../rules/schedule/schedules-of.ts'
import { copiesBeside, effectiveSettings } from '../../../rules/settings/reader-settings.ts'
import { canonicalScope, EVERYBODY, layersOf, scopeOf, settableScope } from '../../../rules/settings/scope.ts'
import { requireSettings } from '../../../rules/settings/setting-faults.ts'
import type { ScopeSettings, SettingFields } from '../../../rules/settings/setting-fields.ts'
import { changeOfWish, type SettingsWish } from '../../../rules/settings/settings-wish.ts'
import type { DestinationChange } from '../../../work/settings/destination-notices.ts'
import {
  destinationChange,
  type OnDestinationChanged,
  reportMovedDestinations,
} from '../../../work/settings/moved-destinations.ts'
import { readScopes } from '../../../work/settings/read-settings.ts'
import { type Standards, standardFor } from '../../../work/settings/standards.ts'
import {
  fieldsOf,
  type Layers,
  removeRow,
  type Written,
  writeSettings,
} from '../../../work/settings/write-settings.ts'
import { coverageWarnings } from '../schedules/coverage-warnings.ts'
import { schedulesWithin } from '../schedules/schedules-within.ts'
import { whyNone } from './why-none.ts'

export interface SettingsDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
  readonly standard: Standards
  readonly locales: Pick<Locales, 'languages'>
  /** No digest lists a kind whose policy is `never`, so no schedule has to carry it. */
  readonly policies: Policies
  readonly clock: () => number
  /** Tells those concerned that an admin has changed where digests go. */
  readonly onDestinationChanged: OnDestinationChanged
}

export interface SettingsSet {
  /** The settings after the change; version 0 when nothing is set any longer. */
  readonly settings: ScopeSettings
  readonly warnings: readonly string[]
}

/**
 * Changes what is set for a reader, a domain or everybody. If digests now go elsewhere, those concerned are told.
 *
 * @param wish the parts that depend on the present settings are worked out in the transaction that writes them
 * @param expected the version that the admin saw; 0: nothing was set; undefined: any
 * @throws CodedError SETTING_INVALID with all faults, OUT_OF_REACH, EDIT_CONFLICT
 */
export async function setSettings(
  deps: SettingsDeps,
  by: Editor,
  scopeText: string,
  wish: SettingsWish,
  expected?: number,
): Promise<SettingsSet> {
  // Asked for before the transaction: see `Standards`.
  const standard = await standardFor(deps.standard, canonicalScope(scopeText) ?? EVERYBODY)
  const written = await writeWish({ ...deps, standard }, by, scopeText, wish, expected)
  const { settings, warnings, destination } = written
  const untold = await reportMovedDestinations(deps, by.actor, [destination])
  return { settings, warnings: [...warnings, ...untold, ...(await noneWarning(deps, by, settings))] }
}

/** Settings without effect are kept: the directory may change. */
export async function noneWarning(
  { directory }: Pick<SettingsDeps, 'directory'>,
  { reach }: Editor,
  { scope, version }: ScopeSettings,
): Promise<string[]> {
  const none = version === 0 ? undefined : await whyNone(directory, reach, scope)
  return none === undefined ? [] : [none]
}

/** Settings that were written, and where digests went before and go now, of which those concerned are to be told. */
export interface SettingsWritten extends SettingsSet {
  readonly destination: DestinationChange
}

/** As `setSettings`, but tells nobody. Within a transaction of the caller, it becomes part of that transaction. */
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
    ...offWarnings(settings, schedules),
    ...(wish.schedules === undefined ? [] : coverageWarningsOf(deps, scope, after, schedules)),
    ...(wish.copyTo ? copyWarnings(deps, scope, after) : []),
  ]
  return { settings, warnings, destination: destinationChangeOf(deps, scope, { before, after }) }
}

/**
 * Removes the settings of a scope, so that the wider settings hold again. Settings that somebody wrote into the table
 * under a spelling that is not canonical have no effect: they are removed by that spelling.
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
  await reportMovedDestinations(deps, by.actor, [destinationChangeOf(deps, scope, written)])
  return written.before.get(scope)
}

/** Settings for everybody are only for those who look after all domains. @throws CodedError OUT_OF_REACH */
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

/** Stands for settings that do not exist: no row is kept in which nothing is set. */
const unset = (scope: string, now: number): ScopeSettings => ({
  ...fieldsOf(undefined),
  scope,
  isCanonical: true,
  version: 0,
  updatedAt: now,
})

const NOTHING: SettingFields = fieldsOf(undefined)

function offWarnings(settings: SettingFields, schedules: readonly Schedule[]): string[] {
  const off = schedules.filter(({ name, enabled }) => !enabled && settings.schedules?.includes(name))
  return off.map(
    ({ name }) =>
      `The schedule ${name} is off: it sends nothing until it is on (amavis-digest schedules set ${name} --on).`,
  )
}

/** Checks the schedules that hold for the scope, whether its own settings name them or wider ones do. */
function coverageWarningsOf(
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

/** A copy does not go to where the digest itself goes. */
function copyWarnings({ standard }: SettingsDeps, scope: string, rows: Layers): string[] {
  const settings = effectiveSettings(layersOf(scope), rows, standard)
  const beside = copiesBeside(settings, settings.deliverTo ?? scope)
  return settings.copyTo
    .filter(address => !beside.includes(address))
    .map(address => `No copies go to ${address}: the digests themselves go there.`)
}

function destinationChangeOf(
  { standard }: SettingsDeps,
  scope: string,
  { before, after }: Written,
): DestinationChange {
  const settings = (layers: Layers) => effectiveSettings(layersOf(scope), layers, standard)
  return destinationChange(scope, settings(before), settings(after))
}
