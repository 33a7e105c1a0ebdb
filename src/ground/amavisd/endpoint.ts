/** Where an amavisd is asked to release: its AM.PDP socket, or a command on this machine. */
export type Endpoint =
  | {
      readonly kind: 'am-pdp'
      readonly via: { readonly host: string; readonly port: number } | { readonly path: string }
    }
  | { readonly kind: 'command'; readonly path: string }

/** Reads `release.via`, or a value of `release.hosts`. @param address checked by the configuration's schema */
export function endpointOf(address: string): Endpoint {
  const url = new URL(address)
  const path = decodeURIComponent(url.pathname)
  switch (url.protocol) {
    case 'exec:':
      return { kind: 'command', path }
    case 'unix:':
      return { kind: 'am-pdp', via: { path } }
    default: {
      const host = url.hostname.replace(/^\[|\]$/g, '')
      return { kind: 'am-pdp', via: { host, port: Number(url.port || STANDARD_PORT) } }
    }
  }
}

const STANDARD_PORT = 9998
