import { once } from 'node:events'
import { connect } from 'node:net'
import { SmtpLines } from './smtp-lines.ts'

export interface Envelope {
  /** Empty for a bounce. */
  readonly from: string
  /** As they stand between the angle brackets: `"odd address"@example.com` with its quotes. */
  readonly to: readonly string[]
}

/**
 * Sends a message over SMTP, octet for octet, and returns the reply to it. Not nodemailer: that one repairs the bad
 * headers and odd addresses that the tests are about.
 */
export async function inject(port: number, { from, to }: Envelope, raw: Buffer | string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = new SmtpLines(socket)
  const ask = async (command: string | Buffer, wanted: string) => {
    socket.write(command)
    const reply = await replyOf(lines)
    if (!reply.startsWith(wanted)) throw new Error(`${command.toString().slice(0, 80).trim()}: ${reply}`)
    return reply
  }
  try {
    await ask('', '220')
    await ask('EHLO client.example.net\r\n', '250')
    await ask(`MAIL FROM:<${from}>${parametersFor([from, ...to])}\r\n`, '250')
    for (const address of to) await ask(`RCPT TO:<${address}>\r\n`, '250')
    await ask('DATA\r\n', '354')
    return await ask(stuffed(raw), '')
  } finally {
    socket.end('QUIT\r\n')
    socket.destroySoon()
  }
}

async function replyOf(lines: SmtpLines): Promise<string> {
  let reply = ''
  for (;;) {
    const line = await lines.line()
    if (line === undefined) throw new Error(`hung up after ${JSON.stringify(reply)}`)
    reply += reply ? `\n${line}` : line
    if (line[3] !== '-') return reply
  }
}

/** RFC 6531: an address outside ASCII needs SMTPUTF8. */
const parametersFor = (addresses: readonly string[]): string =>
  addresses.every(address => /^[ -~]*$/.test(address)) ? ' BODY=8BITMIME' : ' BODY=8BITMIME SMTPUTF8'

/** With CR LF at the ends of lines and dots doubled. */
function stuffed(raw: Buffer | string): Buffer {
  const text = Buffer.from(raw).toString('latin1').replaceAll(/\r?\n/g, '\r\n').replaceAll(/^\./gm, '..')
  return Buffer.from(`${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1')
}
