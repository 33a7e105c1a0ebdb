import { readerAddress } from '../../ground/directory/reader-address.ts'
import { onePerson, type People, type SignedIn } from '../../ground/sign-in/people.ts'
import type { Reach } from './reach.ts'

export interface Admin extends SignedIn {
  readonly kind: 'admin'
  readonly reach: Reach
}

/** The admins who may sign in. */
export interface Admins extends People<Admin> {
  find(address: string): Admin | undefined
  still(address: string): Admin | undefined
}

/** The admins of the configuration. Removing one from it ends that admin's rights, even if a session is still open. */
export function adminsOf(
  configured: readonly { readonly address: string; readonly domains?: readonly string[] }[],
): Admins {
  const admins = new Map(
    configured.map(({ address, domains }) => {
      const compared = readerAddress(address) ?? address
      return [compared, { kind: 'admin', address: compared, mailTo: address, reach: domains }] as const
    }),
  )
  const find = (address: string) => admins.get(readerAddress(address.trim()) ?? address)
  return { kind: 'admin', find, still: find, vouchedFor: addresses => onePerson(addresses.map(find)) }
}
