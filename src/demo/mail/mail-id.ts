import { createHash, randomBytes } from 'node:crypto'

/** An id for a message and the secret that authorises its release, as amavisd's `generate_mail_id` makes them. */
export function newMailId(): { mailId: string; secretId: string } {
  for (;;) {
    const secretId = randomBytes(SECRET_OCTETS).toString('base64url')
    const mailId = mailIdOf(secretId)
    // amavisd requires a letter or digit at both ends, so fewer than 7 % of the ids are generated again.
    if (/^[A-Za-z0-9].*[A-Za-z0-9]$/.test(mailId)) return { mailId, secretId }
  }
}

/** The id that belongs to a secret: the first 12 characters of the base64url of the secret's MD5. */
export const mailIdOf = (secretId: string): string =>
  createHash('md5').update(Buffer.from(secretId, 'base64url')).digest('base64url').slice(0, MAIL_ID_LENGTH)

/** `$mail_id_size_bits` is 72. */
const SECRET_OCTETS = 9
const MAIL_ID_LENGTH = 12
