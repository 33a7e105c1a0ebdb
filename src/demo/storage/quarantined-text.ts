import type { Sample } from '../samples/sample.ts'
import { asciiDomain } from './compose.ts'

/** The text that amavisd puts into the quarantine: envelope and verdict, then the message (`do_quarantine`). */
export function quarantinedText(message: Buffer, mailId: string, sample: Sample): Buffer {
  const recipients = sample.verdicts.map(verdict => `<${asciiDomain(verdict.recipient)}>`)
  const blocked = sample.verdicts
    .filter(verdict => verdict.delivery !== 'P')
    .map(verdict => `<${asciiDomain(verdict.recipient)}>`)
  const lines = [
    `X-Envelope-From: <${asciiDomain(sample.sender)}>`,
    `X-Envelope-To: ${recipients.join(',\n ')}`,
    `X-Envelope-To-Blocked: ${blocked.join(',\n ')}`,
    `X-Quarantine-ID: <${mailId}>`,
    ...verdictFields(sample),
  ]
  return Buffer.concat([Buffer.from(`${lines.join('\n')}\n`), message])
}

function verdictFields(sample: Sample): string[] {
  const [{ content, score }] = sample.verdicts
  switch (content) {
    case 'B':
      return ['X-Amavis-Alert: BANNED, message contains part: multipart/mixed']
    case 'V':
      return ['X-Amavis-Alert: INFECTED, message contains virus: Demo-Stand-In']
    case 'H':
    case 'M':
      return ['X-Amavis-Alert: BAD HEADER SECTION, Non-encoded 8-bit data or duplicate header field']
    default:
      return score === null
        ? []
        : ['X-Spam-Flag: YES', `X-Spam-Score: ${score}`, `X-Spam-Level: ${'*'.repeat(score)}`]
  }
}
