import { expect, test } from 'vitest'
import { directoryOptions } from '../../../../src/ground/config/options/directory-options.ts'

test.each(['mysql://u:p@127.0.0.1/dbispconfig', 'mariadb://u:p@127.0.0.1/dbispconfig'])(
  'the directory ispconfig is at %s',
  url => {
    expect(directoryOptions.safeParse({ kind: 'ispconfig', url }).success).toBe(true)
  },
)

test.each([undefined, 'postgres://u:p@127.0.0.1/dbispconfig', 'sqlite:///dbispconfig', 'ldap://127.0.0.1'])(
  'the directory ispconfig cannot be at %s',
  url => {
    const { error } = directoryOptions.safeParse({ kind: 'ispconfig', url })
    expect(error?.issues[0]).toMatchObject({
      path: ['url'],
      message: expect.stringContaining('mysql://digest_directory:'),
    })
  },
)
