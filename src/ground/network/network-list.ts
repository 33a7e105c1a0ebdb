/** Whether a text is an address, or a network in the notation of CIDR. */
export const isNetwork = (text: string): boolean => partsOf(text) !== undefined

/** Whether an address is one of these, or in one of these networks. */
export function networkList(networks: readonly string[]): (address: string) => boolean {
  const known = networks.flatMap(text => partsOf(text) ?? [])
  return address => {
    const bits = bitsOf(address)
    return bits !== undefined && known.some(({ prefix }) => bits.startsWith(prefix))
  }
}

/** The bits that all addresses of a network begin with. */
function partsOf(text: string): { readonly prefix: string } | undefined {
  const [address = '', length] = text.split('/', 2)
  const bits = bitsOf(address)
  if (bits === undefined || (length !== undefined && !/^\d{1,3}$/.test(length))) return undefined
  const own = address.includes(':') ? IPV6_BITS : IPV4_BITS
  const used = length === undefined ? own : Number(length)
  return used > own ? undefined : { prefix: bits.slice(0, IPV6_BITS - own + used) }
}

const IPV4_BITS = 32
const IPV6_BITS = 128

/** The 128 bits of an address; an IPv4 address as it is mapped into IPv6 (RFC 4291, section 2.5.5.2). */
function bitsOf(address: string): string | undefined {
  const host = address.includes(':') ? address : `::ffff:${address}`
  if (!/^[\da-f:.]+$/i.test(address) || (!address.includes(':') && !/^\d+(?:\.\d+){3}$/.test(address)))
    return undefined
  if (!URL.canParse(`http://[${host}]`)) return undefined
  const [before = '', after] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('::')
  const groups = (part: string | undefined) => (part ? part.split(':') : [])
  const missing = 8 - groups(before).length - groups(after).length
  const all = [
    ...groups(before),
    ...Array.from({ length: after === undefined ? 0 : missing }, () => '0'),
    ...groups(after),
  ]
  return all.map(group => Number.parseInt(group, 16).toString(2).padStart(16, '0')).join('')
}
