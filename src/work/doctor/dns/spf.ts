import { type Finding, ok, warn } from '../../../ground/health/check.ts'

/** What the TXT records of a domain say about who may send in its name (RFC 7208). */
export function spfFinding(domain: string, texts: readonly string[]): Finding {
  const records = texts.filter(text => /^v=spf1(?:\s|$)/i.test(text))
  const [record = ''] = records
  if (records.length === 0) return warn(`${domain} has no SPF record.`, ADD(domain))
  if (records.length > 1)
    return warn(`${domain} has ${records.length} SPF records: servers then ignore all.`, ONE)
  const terms = record.trim().split(/\s+/).slice(1)
  const wrong = terms.find(term => !TERM.test(term))
  if (wrong !== undefined)
    return warn(`The SPF record of ${domain} has a term that servers do not know: ${wrong}`, CORRECT(domain))
  const all = terms.find(term => /^[+?~-]?all$/i.test(term))
  if (all === undefined && !terms.some(term => /^redirect=/i.test(term)))
    return warn(
      `The SPF record of ${domain} does not end with "~all" or "-all", so it says nothing.`,
      CORRECT(domain),
    )
  if (all !== undefined && !/^[~-]/.test(all))
    return warn(`The SPF record of ${domain} lets everybody send in its name (${all}).`, CORRECT(domain))
  if (all !== undefined && terms.length === 1)
    return warn(`The SPF record of ${domain} says that it sends no mail at all.`, ADD(domain))
  return ok(`${domain} has an SPF record`)
}

/** Mechanisms and modifiers of RFC 7208, sections 5 and 6; unknown modifiers are ignored. */
const TERM =
  /^(?:[+?~-]?(?:all|(?:a|mx)(?:[:/]\S+)?|ptr(?::\S+)?|(?:include|exists):\S+|ip4:[\d.]+(?:\/\d{1,2})?|ip6:[\da-f:.]+(?:\/\d{1,3})?)|[a-z][\w.-]*=\S*)$/i

const ADD = (domain: string): string =>
  `${domain}. IN TXT "v=spf1 mx ~all", with the server that sends your mail`
const CORRECT = (domain: string): string =>
  `Correct it, for instance: ${domain}. IN TXT "v=spf1 mx ip4:192.0.2.1 ~all", with the addresses of your server.`
const ONE = 'Make one record of them.'
