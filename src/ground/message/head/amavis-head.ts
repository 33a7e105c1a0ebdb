import { headerFields } from '../octets/header-fields.ts'
import { authenticationIn } from './authentication.ts'
import type { AmavisFindings } from './findings.ts'
import { spamRulesOf } from './spam-rules.ts'

/** A message of the quarantine, divided. */
export interface DividedMessage {
  /** Where the message begins as its sender sent it, after the head that amavisd put before it. */
  readonly messageAt: number
  /** What amavisd found. Undefined: this head is not certainly amavisd's. */
  readonly findings: AmavisFindings | undefined
}

/**
 * Finds the head that amavisd puts before a message that it quarantines: all fields above its own `Received`, which is
 * the first, and that one. A sender can put the same fields into a message, but only below it. The head counts only if
 * it names this mail id.
 *
 * `X-Envelope-To` in it names all recipients, those of Bcc too: only an admin of all domains may see the head.
 * Source: `do_quarantine` in Amavis.pm of amavisd 2.13.
 */
export function divideMessage(octets: Uint8Array, mailId: string): DividedMessage {
  const fields = new Map<string, string[]>()
  let messageAt = 0
  for (const { name, value, end } of headerFields(octets, 0, Math.min(octets.length, MOST_OCTETS))) {
    if (name === 'received') return { messageAt: end, findings: findingsIn(fields, mailId) }
    if (isOfAmavisd(name)) messageAt = end
    fields.set(name, [...(fields.get(name) ?? []), value])
  }
  // Without `Received`, nothing tells whose the fields are: those that may name recipients are cut off all the same.
  return { messageAt, findings: undefined }
}

/** Octets in which the head must end. A list of 10,000 recipients has 400,000. */
const MOST_OCTETS = 2_000_000

/** A field that amavisd, and hardly anybody else, puts into a head. */
const isOfAmavisd = (name: string): boolean => /^x-(?:envelope|quarantine|amavis|spam)-/.test(name)

function findingsIn(
  fields: ReadonlyMap<string, readonly string[]>,
  mailId: string,
): AmavisFindings | undefined {
  const first = (name: string) => fields.get(name)?.[0] ?? ''
  const ids = fields.get('x-quarantine-id') ?? []
  if (ids.length !== 1 || ids[0] !== `<${mailId}>`) return undefined
  const rules = spamRulesOf(first('x-spam-status'))
  return {
    alerts: fields.get('x-amavis-alert') ?? [],
    rules,
    authentication: authenticationIn(fields.get('authentication-results') ?? [], rules),
  }
}
