import { describe, expect, test } from 'vitest'
import { invocationOf } from '../../../../src/ground/amavisd/amavisd-release/invocation.ts'
import { releaseRequest } from '../release-request.ts'

describe('calling amavisd-release', () => {
  test('passes the words through stdin, where no other user sees the secret', () => {
    expect(invocationOf(releaseRequest({ partitionTag: 47 }))).toEqual({
      args: ['-'],
      stdin: 'MiknvCQf7W66[47] QXGqW57LghsN <alice@example.com>\n',
    })
  })

  test('passes a recipient with a blank as an argument, because the command would split it', () => {
    expect(invocationOf(releaseRequest({ recipient: '"odd address"@example.com' }))).toEqual({
      args: ['MiknvCQf7W66[0]', 'QXGqW57LghsN', '<"odd address"@example.com>'],
      stdin: '',
    })
  })

  test('names the file of a file quarantine', () => {
    const request = releaseRequest({ quarantineType: 'F', quarantineLocation: 'spam/MiknvCQf7W66' })
    expect(invocationOf(request).stdin).toBe('spam/MiknvCQf7W66 QXGqW57LghsN <alice@example.com>\n')
  })
})
