import { randomUUID } from 'node:crypto'

export interface SampleFields {
  readonly subject?: string
  readonly from?: string
  readonly to?: string
  readonly body?: string
  readonly messageId?: string
  /** Further header lines. */
  readonly headers?: readonly string[]
}

/** A message that amavisd passes. */
export const cleanMail = (fields: SampleFields = {}): string => mail(fields, fields.body ?? 'Hello there.')

/** SpamAssassin's test string, worth a thousand points. */
export const GTUBE = 'XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'

/** A message that counts as spam (content code S). */
export const spamMail = (fields: SampleFields = {}): string =>
  mail(fields, `${fields.body ?? 'Win now.'}\n\n${GTUBE}`)

/** A message with an attachment whose name is banned (content code B). */
export const bannedMail = (fields: SampleFields = {}): string =>
  multipart(fields, 'invoice.exe', 'bm90IHJlYWxseSBhIHByb2dyYW0=')

/** A message with octets above 127 in a header line (content code H). */
export const badHeaderMail = (fields: SampleFields = {}): Buffer =>
  Buffer.from(
    mail({ ...fields, headers: [...(fields.headers ?? []), 'X-Bad: caf\xe9'] }, fields.body ?? 'Hello.'),
    'latin1',
  )

/** A message that the tests' scanner takes for a virus (content code V). */
export const virusMail = (fields: SampleFields = {}): string =>
  mail(fields, `${fields.body ?? 'Have a look.'}\n\n$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$`)

function mail(fields: SampleFields, body: string): string {
  return [...headerOf(fields), 'Content-Type: text/plain; charset=utf-8', '', body, ''].join('\r\n')
}

function multipart(fields: SampleFields, fileName: string, base64: string): string {
  return [
    ...headerOf(fields),
    'Content-Type: multipart/mixed; boundary="=_part"',
    '',
    '--=_part',
    'Content-Type: text/plain; charset=utf-8',
    '',
    fields.body ?? 'Please find attached.',
    '--=_part',
    `Content-Type: application/octet-stream; name="${fileName}"`,
    `Content-Disposition: attachment; filename="${fileName}"`,
    'Content-Transfer-Encoding: base64',
    '',
    base64,
    '--=_part--',
    '',
  ].join('\r\n')
}

function headerOf(fields: SampleFields): string[] {
  return [
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `From: ${fields.from ?? 'Sam Sender <sam@sender.example.net>'}`,
    `To: ${fields.to ?? 'somebody@example.com'}`,
    `Subject: ${fields.subject ?? 'A message'}`,
    `Message-ID: ${fields.messageId ?? `<${randomUUID()}@sender.example.net>`}`,
    'MIME-Version: 1.0',
    ...(fields.headers ?? []),
  ]
}
