import { type Check, type Finding, ok, skip, warn } from '../../../ground/health/check.ts'
import type { Dns } from '../../../ground/network/dns.ts'
import { type DkimKey, dkimFinding } from './dkim.ts'
import { dmarcFinding } from './dmarc.ts'
import { spfFinding } from './spf.ts'

export interface DnsCheckDeps {
  readonly dns: Dns
  /** The domain of `smtp.from`. */
  readonly domain: string
  /** The domain that a DMARC policy is looked for in, if `domain` has none. */
  readonly organisation: string
  /** The domain of `smtp.envelopeFrom`; undefined for the null sender. */
  readonly envelopeDomain: string | undefined
  /** Undefined when the MTA signs. @throws CodedError CONFIG_INVALID when the key cannot be read */
  readonly dkim: (() => DkimKey) | undefined
}

/** Whether other mail servers find in the DNS what makes them believe our From. */
export const dnsChecks = (deps: DnsCheckDeps): readonly Check[] => [
  { id: 'dns.from', isNoticed: true, run: async () => [await from(deps)] },
  { id: 'dns.spf', isNoticed: true, needs: ['dns.from'], run: () => spf(deps) },
  { id: 'dns.dkim', isNoticed: true, run: () => dkim(deps) },
  { id: 'dns.dmarc', isNoticed: true, needs: ['dns.from'], run: async () => [await dmarc(deps)] },
]

async function from({ dns, domain }: DnsCheckDeps): Promise<Finding> {
  const takesMail = await dns.takesMail(domain)
  if (takesMail === undefined) return NO_ANSWER
  if (takesMail) return ok(`${domain} takes mail`)
  return warn(
    `smtp.from is at ${domain}, which takes no mail: other servers refuse mail from there, and no reader can answer.`,
    `Let smtp.from be an address that exists, or add an MX record for ${domain}.`,
  )
}

const NO_ANSWER = skip('the DNS does not answer')

/** Servers check the domain of the envelope sender. The null sender has none, and then that of our From is spoken of. */
async function spf({ dns, domain, envelopeDomain = domain }: DnsCheckDeps): Promise<Finding[]> {
  const domains = [...new Set([domain, envelopeDomain])]
  return Promise.all(
    domains.map(async name => {
      const texts = await dns.texts(name)
      return texts ? spfFinding(name, texts) : NO_ANSWER
    }),
  )
}

async function dkim({ dns, dkim: key }: DnsCheckDeps): Promise<Finding[]> {
  if (!key) return []
  const configured = key()
  const name = `${configured.selector}._domainkey.${configured.domain}`
  const texts = await dns.texts(name)
  return [texts ? dkimFinding(name, texts, configured) : NO_ANSWER]
}

async function dmarc({
  dns,
  domain,
  organisation,
  envelopeDomain,
  dkim: key,
}: DnsCheckDeps): Promise<Finding> {
  for (const name of new Set([domain, organisation])) {
    const texts = await dns.texts(`_dmarc.${name}`)
    if (texts === undefined) return NO_ANSWER
    const records = texts.filter(text => /^v=DMARC1\s*(?:;|$)/i.test(text))
    if (records.length > 0)
      return dmarcFinding({ name, records, from: domain, envelopeDomain, signedBy: key?.().domain })
  }
  return warn(
    `${domain} has no DMARC record, which large mailbox providers ask of senders.`,
    `_dmarc.${organisation}. IN TXT "v=DMARC1; p=none"`,
  )
}
