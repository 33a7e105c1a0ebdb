import { displayAddress } from '../../../ground/display/address.ts'
import { displayDomain } from '../../../ground/display/domain.ts'
import type { Warning } from '../../../rules/warnings/warnings-of.ts'
import type { OpenedHeld } from '../../../work/reading/opened-held.ts'

/** A warning as its template shows it: `{{say key domain=… like=… address=…}}`. Unused values are empty. */
export interface WarningModel {
  readonly key: string
  readonly domain: string
  readonly like: string
  readonly address: string
}

/** What a careful reader would notice, in plain words. */
export const warningModels = ({ warnings }: OpenedHeld): readonly WarningModel[] =>
  warnings.map(warning => ({ ...NOTHING, ...valuesOf(warning), key: `message.warning.${warning.about}` }))

const NOTHING = { domain: '', like: '', address: '' }

function valuesOf(warning: Warning): Partial<WarningModel> {
  switch (warning.about) {
    case 'lookAlike':
      return { domain: displayDomain(warning.domain), like: displayDomain(warning.like) }
    case 'ownDomain':
      return { domain: displayDomain(warning.domain) }
    case 'addressInName':
    case 'replyElsewhere':
      return { address: displayAddress(warning.address) }
  }
}
