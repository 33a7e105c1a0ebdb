import { domainToASCII } from 'node:url'
import type { SunkMail } from '../servers/smtp-sink.ts'

/** The contents of a digest, read from its text part. */
export interface DigestMail {
  /** Subjects as they are listed. */
  readonly subjects: readonly string[]
  /** The release link of the message with this subject. */
  release(subject: string): string
  /** The link to the whole list. */
  readonly digest: string
  readonly preferences: string
}

export function digestMail({ parsed }: SunkMail): DigestMail {
  const text = parsed.text ?? ''
  // Everything after the link to the whole list comes from earlier digests.
  const [own = ''] = text.split(/^https:\S+\/digest\//m)
  const subjects = [...own.matchAll(/^\d+\. (.*)$/gm)].map(match => shown(match[1] ?? ''))
  const releases = linksTo('release', own)
  return {
    subjects,
    release: subject => required(releases[subjects.indexOf(subject)], `release link for ${subject}`, text),
    digest: required(linksTo('digest', text)[0], 'link to the whole digest', text),
    preferences: required(linksTo('preferences', text)[0], 'link to the preferences', text),
  }
}

/** The only digest that this reader has received. */
export function digestFor(mails: readonly SunkMail[], reader: string): DigestMail {
  const own = mails.filter(mail => mail.to.map(withALabels).includes(reader))
  const [mail] = own
  if (!mail || own.length > 1) throw new Error(`${reader} has received ${own.length} digests`)
  return digestMail(mail)
}

/** Mail to an address whose local part is not ASCII goes out with U-labels in the domain (RFC 6531). */
export function withALabels(address: string): string {
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + domainToASCII(address.slice(at))
}

/** Without the invisible word joiners that keep mail programs from making links. */
const shown = (text: string): string => text.replaceAll('\u2060', '')

const linksTo = (purpose: string, text: string): string[] =>
  [...text.matchAll(/^https:\S+$/gm)].map(String).filter(url => url.includes(`/${purpose}/`))

function required(link: string | undefined, what: string, text: string): string {
  if (link === undefined) throw new Error(`No ${what} in:\n${text}`)
  return link
}
