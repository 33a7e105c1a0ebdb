import type { HeldMailKey } from '../../src/ground/amavis/held-mail.ts'
import type { AmavisTables } from '../../src/ground/amavis/tables.ts'
import type { Database } from '../../src/ground/database/database.ts'

/** Stores the text of a held message as amavisd does: in chunks of 16,384 octets, counted from 1. */
export async function quarantine(
  storage: Database<AmavisTables>,
  { partitionTag, mailId }: HeldMailKey,
  text: string | Buffer,
): Promise<void> {
  const octets = Buffer.from(text as string)
  for (let chunk = 1, at = 0; at < octets.length; chunk += 1, at += CHUNK) {
    const row = {
      partition_tag: partitionTag,
      mail_id: mailId,
      chunk_ind: chunk,
      mail_text: octets.subarray(at, at + CHUNK),
    }
    await storage.sql.insertInto('quarantine').values(row).execute()
  }
}

const CHUNK = 16_384

/** The head that amavisd puts before a message. */
export const amavisHead = (mailId: string, recipients: readonly string[], more = ''): string =>
  `X-Envelope-From: <sam@sender.example.net>
X-Envelope-To: ${recipients.map(recipient => `<${recipient}>`).join(',\n ')}
X-Quarantine-ID: <${mailId}>
${more}Received: from client.example.net ([192.0.2.25]) by localhost (mx.example.com [127.0.0.1]) (amavis, port 10024)
 with ESMTP id ${mailId}; Mon, 2 Mar 2026 06:00:00 +0000 (UTC)
`
