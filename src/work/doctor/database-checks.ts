import type { Database } from '../../ground/database/database.ts'
import type { Right } from '../../ground/database/inspection/inspection.ts'
import { SECOND } from '../../ground/durations.ts'
import { type Check, fail, ok, warn } from '../../ground/health/check.ts'
import { aheadOfServer } from '../../ground/state/check-clock.ts'
import { type NeededRights, placesText, revokes, tooWide } from './rights.ts'

/** What the checks of any of our databases depend on. */
export interface DatabaseChecksDeps {
  /** Its name in the configuration: `storage`, `state` or `directory`. */
  readonly role: string
  readonly database: Pick<Database<unknown>, 'sql' | 'dialect'>
  /** The check without which there is nothing to ask. */
  readonly needs: readonly string[]
}

/** Whether its account may do more than it needs. Whoever steals the configuration may do the same. */
export const rightsCheck = ({ role, database, needs }: DatabaseChecksDeps, needed: NeededRights): Check => ({
  id: `${role}.rights`,
  needs,
  async run() {
    const excess = tooWide(await database.dialect.inspection.rights(database.sql), needed)
    const [first] = excess
    if (first === undefined) return [ok('its user may do what it needs, and nothing else')]
    return [
      warn(
        `its user ${first.account} may do more than it needs: ${placesText(excess)}`,
        [
          `As a database admin: ${revokes(excess)} Then grant what the README says.`,
          ...forPurge(excess, needed),
        ].join(' '),
      ),
    ]
  },
})

const forPurge = (excess: readonly Right[], { together }: NeededRights): readonly string[] =>
  together && excess.some(({ privilege }) => privilege === 'DELETE')
    ? ['Where amavis-digest purge runs from a timer, grant all that docs/guides/purge.md says instead.']
    : []

/** Compares our clock with that of the database's server. */
export const clockCheck = (
  { role, database, needs }: DatabaseChecksDeps,
  { clock, lease }: { readonly clock: () => number; readonly lease: number },
): Check => ({
  id: `${role}.clock`,
  needs,
  async run() {
    const ahead = await aheadOfServer(database, clock)
    const off = Math.abs(ahead)
    if (off <= lease / 3) return [ok('its clock agrees with ours')]
    const message = `this machine's clock is ${(off / SECOND).toFixed(1)} s ${ahead > 0 ? 'ahead of' : 'behind'} that of its server`
    return [off > lease ? fail(message, BY_NTP, 'CLOCK_WRONG') : warn(message, BY_NTP)]
  },
})

const BY_NTP = 'Let NTP set both clocks. On each machine: timedatectl set-ntp true'
