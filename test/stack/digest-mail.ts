import { domainToASCII } from 'node:url'
import type { SunkMail } from '../servers/smtp-sink.ts'

/** What a reader finds in a digest: its text part, read by its form alone. */
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
  // What follows the link to the whole list was in earlier digests.
  const [own = ''] = text.split(/^https:\S+\/digest\//m)
  const subjects = [...own.matchAll(/^\d+\. (.*)$/gm)].map(match => shown(match[1] ?? ''))
  const releases = linksTo('release', own)
  return {
    subjects,
    release: subject => wanted(releases[subjects.indexOf(subject)], `a release link for ${subject}`, text),
    digest: wanted(linksTo('digest', text)[0], 'a link to the whole digest', text),
    preferences: wanted(linksTo('preferences', text)[0], 'a link to the preferences', text),
  }
}

/** The one digest that this reader has got. */
export function digestFor(mails: readonly SunkMail[], reader: string): DigestMail {
  const own = mails.filter(mail => mail.to.map(withALabels).includes(reader))
  const [mail] = own
  if (!mail || own.length > 1) throw new Error(`${reader} has got ${own.length} digests`)
  return digestMail(mail)
}

/** An address whose local part is not ASCII goes out with a domain of U-labels (RFC 6531), and is the same one. */
export function withALabels(address: string): string {
  const at = address.lastIndexOf('@') + 1
  return address.slice(0, at) + domainToASCII(address.slice(at))
}

/** Word joiners keep mail programs from making links; nobody sees them. */
const shown = (text: string): string => text.replaceAll('\u2060', '')

const linksTo = (purpose: string, text: string): string[] =>
  [...text.matchAll(/^https:\S+$/gm)].map(String).filter(url => url.includes(`/${purpose}/`))

function wanted(link: string | undefined, what: string, text: string): string {
  if (link === undefined) throw new Error(`No ${what} in:\n${text}`)
  return link
}
