import { publicSuffixes } from '../../ground/display/public-suffixes.ts'
import { onFirstUse } from '../../ground/on-first-use.ts'

/**
 * Whether anybody can get an address at a domain, or customers of a provider share it: an entry for all of it would let
 * strangers in, or keep acquaintances out.
 *
 * @param domain as A-labels in lower case
 */
export function isFreemail(domain: string): boolean {
  if (RESERVED.test(domain)) return false
  const { getDomain, getDomainWithoutSuffix } = publicSuffixes()
  const registered = getDomain(domain) ?? domain
  const name = getDomainWithoutSuffix(domain)
  return (
    providersOnFirstUse().has(domain) ||
    providersOnFirstUse().has(registered) ||
    (name !== null && FAMILIES.has(name))
  )
}

/** RFC 2606. The package takes example.com for a provider. */
const RESERVED = /(?:^|\.)example(?:\.(?:com|net|org))?$/

/** 8,760 domains, updated every month: https://github.com/derhuerst/email-providers */
const listed = onFirstUse<readonly string[]>('email-providers/all.json')

let providers: ReadonlySet<string> | undefined

function providersOnFirstUse(): ReadonlySet<string> {
  providers ??= new Set([...listed(), ...UNLISTED])
  return providers
}

/** Providers that have one name in many countries: `yahoo.co.jp`, `gmx.ch`. */
const FAMILIES: ReadonlySet<string> = new Set([
  ...['gmail', 'googlemail', 'gmx', 'hotmail', 'icloud', 'inbox', 'live', 'msn', 'outlook', 'posteo'],
  ...['proton', 'protonmail', 'rediffmail', 'tutanota', 'yahoo', 'yandex', 'ymail', 'zohomail'],
])

/** What the package lacks, seen in September 2026. */
const UNLISTED = [
  ...[
    'bbox.fr',
    'cock.li',
    'disroot.org',
    'duck.com',
    'fastmail.com',
    'kolabnow.com',
    'mail.bg',
    'mailbox.org',
  ],
  ...['mailfence.com', 'numericable.fr', 'op.pl', 'riseup.net', 'runbox.com', 'startmail.com', 'telia.com'],
  ...['tuta.com', 'tuta.io', 'tutamail.com', 'vfemail.net', 'xs4all.nl', 'ziggo.nl', 'tin.it', 'hey.com'],
]
