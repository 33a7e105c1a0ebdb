/**
 * An address in the parts between which a line may end: after the at-sign, and before each dot of the domain. A short
 * address is one part, since it fits on a line.
 */
export function breakable(address: string): readonly string[] {
  if (address.length <= FITS_ON_A_LINE) return [address]
  return address.split(/(?<=@)|(?=\.)/u)
}

const FITS_ON_A_LINE = 28
