import { domainToASCII } from 'node:url'
import { attachmentPart, type Entity, headerText, multipart, textPart } from '../mail/mime.ts'
import type { Sample } from '../samples/sample.ts'

/**
 * The RFC 5322 text of a sample as it arrived, with line ends as amavisd keeps them (LF).
 * @param receivedAt milliseconds since the epoch
 */
export function composeMessage(sample: Sample, receivedAt: number): Buffer {
  const content = contentOf(sample)
  const lines = [...fields(sample, receivedAt), ...(sample.rawHeader ?? []), ...content.header]
  return Buffer.concat([...lines.flatMap(line => [Buffer.from(line), NEWLINE]), NEWLINE, content.body])
}

/** The address with its domain as A-labels, the form that DNS and amavisd use. */
export function asciiDomain(address: string): string {
  const at = address.lastIndexOf('@')
  return at < 0 ? address : address.slice(0, at + 1) + domainToASCII(address.slice(at + 1))
}

const NEWLINE = Buffer.from('\n')

function fields(sample: Sample, receivedAt: number): string[] {
  const date = rfc5322Date(receivedAt)
  const sender = asciiDomain(sample.sender)
  const host = sender.slice(sender.lastIndexOf('@') + 1) || 'mx.example.net'
  const to = sample.verdicts.map(verdict => `<${verdict.recipient}>`).join(',\n ')
  return [
    `Received: from ${host} (unknown [192.0.2.25])\n by mx.example.com (Postfix) with ESMTP\n id ${idOf(sample)};\n ${date}`,
    `Date: ${date}`,
    `From: ${fromField(sample)}`,
    `To: ${to}`,
    `Message-ID: <${idOf(sample)}@${host}>`,
    ...(sample.subject === undefined ? [] : [`Subject: ${headerText(sample.subject, charsetOf(sample))}`]),
    'MIME-Version: 1.0',
  ]
}

function fromField({ from, charset }: Sample): string {
  if (from.name === undefined) return asciiDomain(from.address)
  const encoded = headerText(from.name, charset ?? 'utf-8')
  const name = encoded.startsWith('=?') ? encoded : `"${encoded.replace(/["\\]/g, '\\$&')}"`
  return `${name} <${asciiDomain(from.address)}>`
}

function contentOf(sample: Sample): Entity {
  const { text, html, attachments = [], transfer = 'base64' } = sample
  const charset = charsetOf(sample)
  const plain = textPart('text/plain', text, charset, transfer)
  const readable = html
    ? multipart('alternative', [plain, textPart('text/html', htmlDocument(html), charset, transfer)])
    : plain
  return multipart(sample.multipart ?? 'mixed', [
    readable,
    ...attachments.map(({ type, content, filename }) => attachmentPart(type, content, filename)),
  ])
}

const htmlDocument = (body: string): string =>
  `<!doctype html>\n<html><body style="font-family:sans-serif;font-size:16px;line-height:1.5">\n${body}\n</body></html>\n`

const charsetOf = (sample: Sample) => sample.charset ?? 'utf-8'

/** Stable, so that a sample always has the same Message-ID. */
const idOf = (sample: Sample): string =>
  `demo-${sample.minutesAgo}-${Buffer.from(sample.from.address).toString('hex').slice(0, 12)}`

/** RFC 5322, section 3.3. */
export const rfc5322Date = (time: number): string => new Date(time).toUTCString().replace('GMT', '+0000')
