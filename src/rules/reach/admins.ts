import { readerAddress } from '../../ground/directory/reader-address.ts'
import type { Reach } from './reach.ts'

export interface Admin {
  /** As addresses are compared. */
  readonly address: string
  /** As the configuration writes it: where mail goes to. */
  readonly mailTo: string
  readonly reach: Reach
}

/** Who may sign in. */
export interface Admins {
  find(address: string): Admin | undefined
}

/** The admins of the configuration: whoever is taken out of it is none any more, whatever session is open. */
export function adminsOf(
  configured: readonly { readonly address: string; readonly domains?: readonly string[] }[],
): Admins {
  const admins = new Map(
    configured.map(({ address, domains }) => {
      const compared = readerAddress(address) ?? address
      return [compared, { address: compared, mailTo: address, reach: domains }] as const
    }),
  )
  return { find: address => admins.get(readerAddress(address.trim()) ?? address) }
}
