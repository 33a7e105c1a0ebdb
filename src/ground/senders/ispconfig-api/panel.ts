import { CodedError } from '../../errors.ts'
import { trustedAuthorities } from '../../network/authorities.ts'
import { isThisMachine } from '../../network/this-machine.ts'

/** How the remote API of a panel is reached. */
export interface PanelSettings {
  /** The panel's address: `https://panel.example.com:8080`. */
  readonly url: string
  readonly user: string
  readonly password: string
  /** PEM file of certificate authorities; by default the system's are trusted. */
  readonly caFile?: string | undefined
  /** Milliseconds for reading a list, or for changing an entry. */
  readonly timeout: number
}

/** A checked address, and who is trusted to vouch for it. */
export interface Panel {
  /** The address of the API, without a function. */
  readonly api: URL
  /** For people: `panel.example.com:8080`. */
  readonly name: string
  readonly authorities: () => readonly string[]
  readonly timeout: number
}

/**
 * Over http, whoever is on the way reads the password of an account that may change the panel's data. So only a panel on
 * this machine is asked by it.
 *
 * @throws CodedError CONFIG_INVALID
 */
export function panelAt({ url, caFile, timeout }: PanelSettings): Panel {
  const given = new URL(url)
  if (given.protocol !== 'https:' && !isThisMachine(given.hostname)) {
    const message = 'senders.url: expected https://, because the password of senders.user is sent there'
    throw new CodedError('CONFIG_INVALID', message)
  }
  const folder = given.pathname.replace(/\/(?:remote\/(?:json\.php|index\.php)?)?$/, '')
  return {
    // Without a user, a password or parameters that the address may have.
    api: new URL(`${given.origin}${folder}/remote/json.php`),
    name: given.host,
    authorities: trustedAuthorities(caFile, 'senders.caFile'),
    timeout,
  }
}
