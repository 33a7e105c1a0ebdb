import { sameOrganisation } from '../../../ground/display/organisational-domain.ts'
import { type Finding, ok, warn } from '../../../ground/health/check.ts'

export interface DmarcFacts {
  /** The domain of the records. */
  readonly name: string
  readonly records: readonly string[]
  /** The domain of our From. */
  readonly from: string
  readonly envelopeDomain: string | undefined
  /** The domain of `smtp.dkim`; undefined when the MTA signs, if it does. */
  readonly signedBy: string | undefined
}

/** Whether a mail of ours passes the DMARC policy of its From (RFC 7489). */
export function dmarcFinding({ name, records, from, envelopeDomain, signedBy }: DmarcFacts): Finding {
  const [record = ''] = records
  if (records.length > 1)
    return warn(`${name} has ${records.length} DMARC records: servers then ignore all.`, 'Leave one.')
  const policy = tag(record, 'p')?.toLowerCase()
  if (policy === undefined || !POLICIES.includes(policy))
    return warn(
      `The DMARC record of ${name} has no policy that servers know (p=${policy ?? ''}).`,
      SAMPLE(name),
    )
  // An MTA that signs does so for the From, as a rule.
  const dkim = signedBy === undefined || isAligned(signedBy, from, tag(record, 'adkim'))
  const spf = envelopeDomain !== undefined && isAligned(envelopeDomain, from, tag(record, 'aspf'))
  if (dkim || spf) return ok(`${name} has a DMARC policy (p=${policy})`)
  return warn(
    `Digests fail the DMARC policy of ${name} (p=${policy}): they are signed for ${signedBy}, and their From is at ${from}.`,
    `Let smtp.dkim.domain be ${from}, with its own key in the DNS, or let smtp.from be an address at ${signedBy}.`,
  )
}

const POLICIES = ['none', 'quarantine', 'reject']

const SAMPLE = (name: string): string => `_dmarc.${name}. IN TXT "v=DMARC1; p=none"`

const tag = (record: string, wanted: string): string | undefined =>
  record
    .split(';')
    .map(part => part.trim().split(/\s*=\s*/))
    .find(([name]) => name?.toLowerCase() === wanted)?.[1]

/** `s`: only the same domain; else one of the same organisation. */
const isAligned = (domain: string, from: string, mode: string | undefined): boolean =>
  mode?.toLowerCase() === 's' ? domain.toLowerCase() === from.toLowerCase() : sameOrganisation(domain, from)
