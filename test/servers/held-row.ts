import type { Storage } from './storage.ts'

/** How a statement writes octets, given in hexadecimal digits, into columns of bytes and of text. */
interface Literals {
  octets(hex: string): string
  text(hex: string): string
}

export const hex = (text: string, encoding: BufferEncoding = 'utf8'): string =>
  Buffer.from(text, encoding).toString('hex')

/**
 * Stores one message that is held for one recipient, without amavisd.
 *
 * @param subject its octets in hexadecimal digits
 */
export async function heldRow(
  storage: Storage,
  { octets, text }: Literals,
  id: number,
  to: string,
  subject: string,
): Promise<void> {
  const time = Math.floor(Date.now() / 1000) - 60
  const mailId = octets(hex(`mailid00000${id}`))
  await storage.query(
    `INSERT INTO maddr (id, email, domain) VALUES (${2 * id}, ${octets(hex(to))}, 'com.example'),
      (${2 * id + 1}, ${octets(hex(`sender${id}@example.net`))}, 'net.example')`,
  )
  await storage.query(
    `INSERT INTO msgs (mail_id, secret_id, am_id, time_num, time_iso, sid, client_addr, size, content, quar_type,
       from_addr, subject, message_id, host, spam_level)
     VALUES (${mailId}, ${octets(hex('secret'))}, '1', ${time}, '20260301T100000Z', ${2 * id + 1}, '', 4096, 'S', 'Q',
       ${text(subject)}, ${text(subject)}, ${text(subject)}, 'mx', 10)`,
  )
  await storage.query(
    `INSERT INTO msgrcpt (mail_id, rseqnum, rid, is_local, content, ds, rs, bspam_level)
     VALUES (${mailId}, 1, ${2 * id}, 'Y', 'S', 'D', ' ', 10)`,
  )
}
