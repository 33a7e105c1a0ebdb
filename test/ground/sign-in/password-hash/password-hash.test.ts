import { describe, expect, test } from 'vitest'
import { isPassword } from '../../../../src/ground/sign-in/password-hash/is-password.ts'
import { readPasswordHash } from '../../../../src/ground/sign-in/password-hash/password-hash.ts'

/** By crypt(3) of the C library. Digests have 32 and 64 octets. */
const BY_CRYPT = [
  [1, '$5$salt$BZvXNxLYlflxkpKC8/t.vlgPbM2nAIGLbmpuF04Q0NA'],
  [32, '$5$rounds=1000$0123456789abcdef$9aTLN.HDRFFfhWWAE8/dBgfLdtuUGOFKc.qMLPMC1P8'],
  [65, '$5$rounds=1000$$vy.fI8AMTQJyygORVHMQIVflzkyBFBbnhTgx0W4eaI6'],
  [1, '$6$salt$KJW86CHxg9vK9grBI6cwJMLSgtCJyaw4pFxvSfWBKYBciPWPoKa7eICLoawrqIR9H1s7vvoHSdmVJCp6o3fZF1'],
  [
    31,
    '$6$rounds=1001$s$oUb7brouL.l6ffHQqY1I9XTgpamhQYk00hJNbz/Zp9BFD5pXBdfhuAc7uZaT2jFLiqxt9Aufno7FgtXYXW0820',
  ],
  [
    64,
    '$6$rounds=1000$0123456789abcdef$9J2vaMkwT51IXf1JnehlvFVXlmETS6RLANYwB0kJ0KgY3CHwF44LQ1Q9AwsN5k3XXoHzaDfw00Fmf3EzgI08z1',
  ],
  [
    129,
    '$6$rounds=1000$saltsalt$RT3NAbdqIRgcIvY5qxVR9Pa57lfH4a36nqn6f9pTjbzOQGCytFMvUp3LgeKldrqrpamHpbgyxyqKB35MLwWpd0',
  ],
] as const

const BCRYPT = [
  '$2y$05$abcdefghijklmnopqrstuuPQyyIturEV.tarPBJKNgXoB298wu9Ay',
  '$2a$04$abcdefghijklmnopqrstuu3OetvCMiwskdLdoh5lQ5D6V2BGy8YlW',
  '$2b$04$abcdefghijklmnopqrstuu3OetvCMiwskdLdoh5lQ5D6V2BGy8YlW',
]

const SHA512 = BY_CRYPT[3][1]
const SHA256 = BY_CRYPT[0][1]
const [BLOWFISH = ''] = BCRYPT

describe('the hash of a password', () => {
  test('is compared as the C library does it, whatever the length of the password', () => {
    for (const [length, text] of BY_CRYPT) {
      const password = `${length % 2 === 1 ? 'ä' : ''}${'x'.repeat(length)}`
      const hash = readPasswordHash(text)
      expect(hash && isPassword(password, hash), text).toBe(true)
      expect(hash && isPassword(`${password}x`, hash), text).toBe(false)
    }
    for (const text of BCRYPT) {
      const hash = readPasswordHash(text)
      expect(hash && isPassword('ä secret', hash), text).toBe(true)
      expect(hash && isPassword('a secret', hash), text).toBe(false)
    }
  })

  test('may have the name of its scheme before it', () => {
    for (const text of [
      `{CRYPT}${SHA512}`,
      `{crypt}${BLOWFISH}`,
      `{SHA512-CRYPT}${SHA512}`,
      `{SHA256-CRYPT}${SHA256}`,
      `{BLF-CRYPT}${BLOWFISH}`,
    ])
      expect(readPasswordHash(text), text).toEqual(readPasswordHash(text.replace(/^\{.*\}/, '')))
  })

  test('is not read if it is of another kind, broken, or would take too long', () => {
    for (const text of [
      '',
      '*',
      '!',
      'secret',
      '{PLAIN}secret',
      '{MD5}xxxx',
      '$1$saltsalt$qjXMvbEw8oaL.CzflDtaK/',
      '$y$j9T$salt$hash',
      `{SHA256-CRYPT}${SHA512}`,
      `{BLF-CRYPT}${SHA512}`,
      `{SHA512-CRYPT.HEX}${SHA512}`,
      `{SSHA}${SHA512}`,
      `x${SHA512}`,
      `${SHA512}x`,
      `${SHA512}\n`,
      SHA512.slice(0, -1),
      SHA512.replace('$salt$', '$sa:lt$'),
      SHA512.replace('$salt$', '$12345678901234567$'),
      SHA512.replace('$6$', '$6$rounds=999$'),
      SHA512.replace('$6$', '$6$rounds=01000$'),
      SHA512.replace('$6$', '$6$rounds=500001$'),
      SHA512.replace('$6$', '$6$rounds=999999999$'),
      SHA512.replace('$6$', '$6$rounds=99999999999999999999$'),
      BLOWFISH.replace('$05$', '$15$'),
      BLOWFISH.replace('$05$', '$03$'),
      BLOWFISH.replace('$2y$', '$2x$'),
      `{${'A'.repeat(300)}}`,
    ])
      expect(readPasswordHash(text), text).toBeUndefined()
  })
})
