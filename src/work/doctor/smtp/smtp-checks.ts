import { type Check, fail, ok, skip, warn } from '../../../ground/health/check.ts'
import type { Mailer, MailerFault } from '../../../ground/mail/mailer.ts'
import type { ScannedDigest } from './scanned-digests.ts'

export interface SmtpCheckDeps {
  readonly mailer: () => Pick<Mailer, 'probe'>
  /** Whether amavisd's filter greets at `smtp.url`. Undefined: nobody greets, or in TLS only. */
  readonly isFilter: () => Promise<boolean | undefined>
  /** Digests of ours that amavisd has scanned lately, the latest first. */
  readonly scannedDigests: () => Promise<readonly ScannedDigest[]>
}

/** Whether mails can be sent, and do not pass the filter themselves. */
export const smtpChecks = ({ mailer, isFilter, scannedDigests }: SmtpCheckDeps): readonly Check[] => [
  {
    id: 'smtp.reachable',
    isToldAnyway: true,
    async run() {
      const fault = await mailer().probe()
      return [fault ? fail(fault.reply, fixOf(fault), fault.code) : ok('the mail server lets us in')]
    },
  },
  {
    id: 'smtp.filter',
    needs: ['smtp.reachable'],
    async run() {
      const filter = await isFilter()
      if (filter === undefined) return [skip('the mail server does not greet without TLS')]
      return [filter ? warn(AT_FILTER, BEHIND) : ok('smtp.url does not lead to amavisd')]
    },
  },
  {
    id: 'smtp.scanned',
    needs: ['storage.grants', 'state.tables'],
    async run() {
      const scanned = await scannedDigests()
      const held = scanned.filter(({ isHeld }) => isHeld)
      if (held.length > 0) return [fail(heldText(held), BEHIND)]
      if (scanned.length > 0) return [warn(scannedText(scanned), BEHIND)]
      return [ok('no digest of ours was scanned lately, as far as amavisd has stored')]
    },
  },
]

/** What mends the faults of `smtp-fault.ts`, whose sentences say what is wrong. */
function fixOf({ code }: MailerFault): string {
  switch (code) {
    case 'SMTP_HOST_UNKNOWN':
      return 'Correct the host in smtp.url.'
    case 'SMTP_NOT_SPOKEN':
      return 'Correct the port in smtp.url: 25 or 587 for smtp://, 465 for smtps://.'
    case 'SMTP_TLS_FAILED':
      return 'Correct smtp:// or smtps:// and the port in smtp.url, the TLS of the mail server, or smtp.requireTls.'
    case 'SMTP_CERTIFICATE_UNTRUSTED':
      return 'Renew the certificate of the mail server, or let smtp.caFile name the authority that signed it.'
    case 'SMTP_CERTIFICATE_WRONG_NAME':
      return 'Put a name of its certificate into smtp.url.'
    case 'SMTP_LOGIN_REFUSED':
      return 'Correct the user and the password in smtp.url.'
    default:
      return 'Start the mail server, let it take mail from this machine, or correct smtp.url.'
  }
}

const AT_FILTER = 'smtp.url leads to amavisd itself, so digests are scanned and may be held.'

const BEHIND =
  'Let smtp.url name a port of your MTA that is behind the filter, such as smtp://127.0.0.1:10025; see docs/guides/amavisd.md.'

const heldText = (held: readonly ScannedDigest[]): string =>
  `amavisd held ${counted(held)} of ours lately (the latest: mail id ${held[0]?.mailId}), so readers did not get them.`

const scannedText = (scanned: readonly ScannedDigest[]): string =>
  `amavisd scanned ${counted(scanned)} of ours lately (the latest: mail id ${scanned[0]?.mailId}); sooner or later one is held.`

const counted = ({ length }: readonly unknown[]): string => (length === 1 ? 'a digest' : `${length} digests`)
