import type { Kysely } from 'kysely'
import type { AmavisTables } from '../../ground/amavis/tables.ts'
import type { AmavisdRoutes } from '../../ground/config/amavis/routes.ts'
import { type Check, type Finding, ok, skip, warn } from '../../ground/health/check.ts'

export interface AddressesOfAmavisdDeps {
  readonly storage: Kysely<AmavisTables>
  /** What amavisd's configuration says; undefined when it is not on this machine or cannot be read. */
  readonly routes: () => Pick<AmavisdRoutes, 'path' | 'storesOctets'> | undefined
}

/**
 * Whether amavisd stores addresses as they are. `$sql_allow_8bit_address` and the type of `maddr.email` have to agree:
 * see the RELEASE_NOTES of amavisd 2.7.0.
 */
export const addressesOfAmavisd = ({ storage, routes }: AddressesOfAmavisdDeps): Check => ({
  id: 'amavisd.addresses',
  needs: ['storage.schema'],
  async run() {
    const found = routes()
    if (found?.storesOctets === undefined)
      return [skip('$sql_allow_8bit_address of amavisd cannot be read here')]
    const { path, storesOctets } = found
    return [addressFinding(path, storesOctets, await typeOfAddresses(storage))]
  },
})

/** @param type of `maddr.email` */
export function addressFinding(path: string, storesOctets: boolean, type: string): Finding {
  if (!storesOctets)
    return warn(
      `$sql_allow_8bit_address is off (${path}): amavisd stores a ? for each letter of an address that is not ASCII, so such mail reaches nobody's digest`,
      `${isOctets(type) ? '' : `${TO_OCTETS} `}Set $sql_allow_8bit_address = 1; in a file that amavisd reads last; restart amavisd.`,
    )
  if (isOctets(type)) return ok('amavisd stores addresses as the octets that they are')
  return warn(
    `$sql_allow_8bit_address is on (${path}), but maddr.email is ${type}: the database may refuse an address that is not ASCII, or change it`,
    TO_OCTETS,
  )
}

const TO_OCTETS =
  "Stop amavisd, then as a database admin: ALTER TABLE maddr MODIFY email varbinary(255) NOT NULL; (PostgreSQL: ALTER TABLE maddr ALTER email TYPE bytea USING convert_to(email, 'UTF8');)"

const isOctets = (type: string): boolean => /binary|blob|bytea/i.test(type)

async function typeOfAddresses(storage: Kysely<AmavisTables>): Promise<string> {
  const tables = await storage.introspection.getTables()
  const columns = tables.find(({ name }) => name === 'maddr')?.columns ?? []
  return columns.find(({ name }) => name === 'email')?.dataType ?? 'unknown'
}
