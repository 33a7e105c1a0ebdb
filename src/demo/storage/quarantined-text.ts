import type { ContentCode } from '../../ground/amavis/content.ts'
import type { Sample } from '../samples/sample.ts'
import { asciiDomain, rfc5322Date } from './compose.ts'
import { spamRules } from './spam-rules.ts'

/** How amavisd knows a message that it stores. */
export interface StoredAs {
  readonly mailId: string
  readonly amId: string
  /** Milliseconds since the epoch. */
  readonly receivedAt: number
}

/**
 * The text that amavisd puts into the quarantine: the envelope, what it found, its own `Received`, then the message as
 * it came (`do_quarantine`).
 */
export function quarantinedText(message: Buffer, sample: Sample, stored: StoredAs): Buffer {
  const recipients = sample.verdicts.map(verdict => `<${asciiDomain(verdict.recipient)}>`)
  const blocked = sample.verdicts
    .filter(verdict => verdict.delivery !== 'P')
    .map(verdict => `<${asciiDomain(verdict.recipient)}>`)
  const lines = [
    `X-Envelope-From: <${asciiDomain(sample.sender)}>`,
    `X-Envelope-To: ${recipients.join(',\n ')}`,
    `X-Envelope-To-Blocked: ${blocked.join(',\n ')}`,
    `X-Quarantine-ID: <${stored.mailId}>`,
    ...alerts(sample),
    ...spamFields(sample),
    received(stored),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), message])
}

function alerts({ verdicts: [{ content }], attachments: [attachment] = [] }: Sample): string[] {
  const alert = ALERTS[content]?.(
    attachment ? `${attachment.type},${attachment.filename}` : 'an unknown part',
  )
  return alert === undefined ? [] : [`X-Amavis-Alert: ${alert}`]
}

const badHeader = () => 'BAD HEADER SECTION, Non-encoded 8-bit data or duplicate header field'

const ALERTS: Partial<Record<ContentCode, (part: string) => string>> = {
  B: part => `BANNED, message contains ${part}`,
  V: () => `INFECTED, message contains virus: ${VIRUS}`,
  H: badHeader,
  M: badHeader,
}

/** Also in `msgrcpt.smtp_resp`. */
export const VIRUS = 'Eicar-Test-Signature'

/** amavisd scores neither viruses nor banned mail. */
function spamFields(sample: Sample): string[] {
  const [{ score }] = sample.verdicts
  if (score === null) return []
  const isSpam = score >= KILL_LEVEL
  const rules = spamRules(sample, score).map(([name, points]) => `${name}=${points}`)
  return [
    `X-Spam-Flag: ${isSpam ? 'YES' : 'NO'}`,
    `X-Spam-Score: ${score}`,
    `X-Spam-Level: ${'*'.repeat(Math.min(64, score))}`,
    `X-Spam-Status: ${isSpam ? 'Yes' : 'No'}, score=${score} tag=2 tag2=${KILL_LEVEL} kill=${KILL_LEVEL}\n tests=[${rules.join(',\n ')}] autolearn=no`,
  ]
}

/** `$sa_kill_level_deflt` of the demo. All its spam scores more. */
const KILL_LEVEL = 4

const received = ({ amId, receivedAt }: StoredAs): string =>
  `Received: from mx.example.com ([127.0.0.1])\n by localhost (mx.example.com [127.0.0.1]) (amavisd-new, port 10024)\n with ESMTP id ${amId}; ${rfc5322Date(receivedAt)}`
