import { once } from 'node:events'
import { connect } from 'node:net'
import { SmtpLines } from './smtp-lines.ts'

export interface Envelope {
  /** Empty for a bounce. */
  readonly from: string
  /** Without the angle brackets, but with quotes: `"odd address"@example.com`. */
  readonly to: readonly string[]
}

/**
 * Sends a message over SMTP, octet for octet, and returns the final reply. nodemailer will not do, because it repairs
 * the bad headers and odd addresses that the tests are about.
 */
export async function inject(port: number, { from, to }: Envelope, raw: Buffer | string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  const lines = new SmtpLines(socket)
  const send = async (command: string | Buffer, expected: string) => {
    socket.write(command)
    const reply = await readReply(lines)
    if (!reply.startsWith(expected)) throw new Error(`${command.toString().slice(0, 80).trim()}: ${reply}`)
    return reply
  }
  try {
    await send('', '220')
    await send('EHLO client.example.net\r\n', '250')
    await send(`MAIL FROM:<${from}>${parametersFor([from, ...to])}\r\n`, '250')
    for (const address of to) await send(`RCPT TO:<${address}>\r\n`, '250')
    await send('DATA\r\n', '354')
    return await send(stuffed(raw), '')
  } finally {
    socket.end('QUIT\r\n')
    socket.destroySoon()
  }
}

async function readReply(lines: SmtpLines): Promise<string> {
  let reply = ''
  for (;;) {
    const line = await lines.line()
    if (line === undefined) throw new Error(`hung up after ${JSON.stringify(reply)}`)
    reply += reply ? `\n${line}` : line
    if (line[3] !== '-') return reply
  }
}

/** An address outside ASCII needs SMTPUTF8 (RFC 6531). */
const parametersFor = (addresses: readonly string[]): string =>
  addresses.every(address => /^[ -~]*$/.test(address)) ? ' BODY=8BITMIME' : ' BODY=8BITMIME SMTPUTF8'

/** Ends lines with CR LF and doubles leading dots. */
function stuffed(raw: Buffer | string): Buffer {
  const text = Buffer.from(raw).toString('latin1').replaceAll(/\r?\n/g, '\r\n').replaceAll(/^\./gm, '..')
  return Buffer.from(`${text}${text.endsWith('\r\n') ? '' : '\r\n'}.\r\n`, 'latin1')
}
