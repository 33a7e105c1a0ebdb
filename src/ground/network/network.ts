/**
 * The network of an address: the /24 of an IPv4 address, the /56 of an IPv6 address, such as `192.0.2.0/24` and
 * `2001:db8:0:100::/56`. One customer of a provider usually has no more than that.
 *
 * @param address as `plainAddress` writes it; any other text is a network of its own
 */
export function networkOf(address: string): string {
  const ipv4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1]
  if (ipv4 !== undefined) return `${ipv4}.0/24`
  if (!/^[\da-f:]+$/.test(address) || !address.includes(':')) return address.slice(0, MAX_NETWORK)
  const [one, two, three, four] = groupsOf(address)
  const lastGroup = (Number.parseInt(four ?? '0', 16) & 0xff00).toString(16)
  return `${[one, two, three, lastGroup].join(':')}::/56`
}

/** The width of the column. */
const MAX_NETWORK = 64

/** All eight groups of an IPv6 address. */
function groupsOf(address: string): string[] {
  const [before = '', after] = address.split('::')
  const groups = (text: string | undefined) => (text ? text.split(':') : [])
  if (after === undefined) return groups(before)
  const missing = 8 - groups(before).length - groups(after).length
  return [...groups(before), ...Array.from({ length: missing }, () => '0'), ...groups(after)]
}
