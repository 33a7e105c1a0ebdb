import type { Database } from '../../ground/database/database.ts'
import type { Directory } from '../../ground/directory/directory.ts'
import { displayText } from '../../ground/display/text.ts'
import { type Check, ok, warn } from '../../ground/health/check.ts'
import type { StateTables } from '../../ground/state/state-tables.ts'
import { settingsWithoutReader } from '../settings/settings-without-reader.ts'

export interface DirectoryChecksDeps {
  readonly state: Database<StateTables>
  readonly directory: Directory
}

/** Checks of what was set for addresses, against what the directory says of them. */
export const settingsCheck = (deps: DirectoryChecksDeps): Check => ({
  id: 'directory.settings',
  needs: ['state.tables', 'directory.answers'],
  isSlow: true,
  async run() {
    const idle = await settingsWithoutReader(deps)
    const [first] = idle
    if (first === undefined) return [ok('each setting is of somebody who reads mail')]
    const { scope, readers } = first
    const others = idle.length === 1 ? '' : ` (and ${idle.length - 1} more)`
    const next =
      readers.length === 0
        ? `amavis-digest recipients remove ${shown(scope)}`
        : `amavis-digest recipients set ${readers.map(shown).join(' or ')}, then amavis-digest recipients remove ${shown(scope)}`
    return [
      warn(
        `no digest follows the settings of ${shown(scope)}${others}, because that address does not read its own mail`,
        `${next}; amavis-digest directory check lists them all`,
      ),
    ]
  },
})

const shown = (address: string): string => displayText(address, 320)
