import { domainToUnicode } from 'node:url'
import { organisationOf } from '../../ground/display/organisational-domain.ts'

/**
 * Whether a domain is not one of ours, but may be taken for it: it has letters that look the same, differs by one
 * stroke of a key, or has our name within its own (`example.com.evil.net`, `example-com.net`).
 *
 * @param domain and `own` as A-labels in lower case
 */
export function looksLike(domain: string, own: string): boolean {
  const [theirs, ours] = [organisationOf(domain), organisationOf(own)]
  if (theirs === ours) return false
  const [seen, meant] = [skeleton(theirs), skeleton(ours)]
  if (seen === meant) return true
  const [name, ownName] = [nameOf(seen), nameOf(meant)]
  if (ownName.length >= SHORTEST && isOneStrokeAway(seen, meant)) return true
  if (ownName.length >= SHORTEST && name !== ownName && isOneStrokeAway(name, ownName)) return true
  return holds(skeleton(domain), meant)
}

/** Shorter names are one stroke from many honest ones: `abc.example`, `abd.example`. */
const SHORTEST = 5

/** The first label. */
const nameOf = (domain: string): string => domain.split('.', 1)[0] ?? domain

/** `example.com.evil.net`, `login-example.com.evil.net`, `example-com.evil.net` */
const holds = (domain: string, own: string): boolean =>
  new RegExp(`(?:^|[.-])${own.replaceAll('.', '[.-]')}[.-]`).test(`${domain}.`) && !domain.endsWith(`.${own}`)

/** What a person sees of a domain: signs for one sound or shape become one letter. */
function skeleton(domain: string): string {
  const letters = domainToUnicode(domain).normalize('NFKD').replace(/\p{M}/gu, '')
  const single = [...letters].map(letter => LOOKS[letter] ?? letter).join('')
  return single.replace(/rn/g, 'm').replace(/vv/g, 'w').replace(/cl/g, 'd')
}

/** Letters of other scripts, and digits, that are taken for Latin ones. After Unicode's confusables.txt. */
const LOOKS: Readonly<Record<string, string>> = {
  ...looks('0оοօ', 'o'),
  ...looks('1iіıιӏ|ⅼ', 'l'),
  ...looks('аɑα', 'a'),
  ...looks('еєҽ', 'e'),
  ...looks('сϲ', 'c'),
  ...looks('рρ', 'p'),
  ...looks('хχ', 'x'),
  ...looks('уγ', 'y'),
  ...looks('һ', 'h'),
  ...looks('јϳ', 'j'),
  ...looks('ѕꜱ', 's'),
  ...looks('ԁ', 'd'),
  ...looks('ԛ', 'q'),
  ...looks('ԝш', 'w'),
  ...looks('кκ', 'k'),
  ...looks('мⅿ', 'm'),
  ...looks('нп', 'n'),
  ...looks('тτ', 't'),
  ...looks('ѵν', 'v'),
  ...looks('ɡց', 'g'),
  ...looks('вß', 'b'),
  ...looks('υս', 'u'),
}

function looks(letters: string, like: string): Record<string, string> {
  return Object.fromEntries([...letters].map(letter => [letter, like]))
}

/** One letter more, less or another, or two that have changed places. */
function isOneStrokeAway(one: string, other: string): boolean {
  if (Math.abs(one.length - other.length) > 1) return false
  let start = 0
  while (start < one.length && one[start] === other[start]) start += 1
  const [rest, otherRest] = [one.slice(start), other.slice(start)]
  return (
    rest.slice(1) === otherRest ||
    rest === otherRest.slice(1) ||
    rest.slice(1) === otherRest.slice(1) ||
    (rest.slice(2) === otherRest.slice(2) && rest[0] === otherRest[1] && rest[1] === otherRest[0])
  )
}
