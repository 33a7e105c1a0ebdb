import { describe, expect, test } from 'vitest'
import { faultOf } from '../../../src/ground/amavisd/request-faults.ts'
import { releaseRequest } from './release-request.ts'

describe('requests that do not reach amavisd', () => {
  test('a valid request has no fault', () => {
    expect(faultOf(releaseRequest())).toBeUndefined()
    expect(
      faultOf(releaseRequest({ quarantineType: 'F', quarantineLocation: 'spam/Gz679UCg7ZEg' })),
    ).toBeUndefined()
    expect(faultOf(releaseRequest({ quarantineType: 'Z', quarantineLocation: 'spam-x.gz' }))).toBeUndefined()
    expect(faultOf(releaseRequest({ recipient: '"odd address"@example.com' }))).toBeUndefined()
    expect(faultOf(releaseRequest({ recipient: 'müller@example.com' }))).toBeUndefined()
  })

  test.each([
    ['a mail id that looks like an option', { mailId: '-' }],
    ['an empty mail id', { mailId: '' }],
    ['a mail id with a line break', { mailId: 'abc\r\nrecipient=x' }],
    ['no secret', { secretId: '' }],
    ['a secret with a blank', { secretId: 'a b' }],
    ['no recipient', { recipient: '' }],
    ['a recipient with a line break', { recipient: 'a@example.com>\r\nRCPT TO:<b@example.com' }],
    ['a requester with a line break', { requestedBy: 'a@example.com\nBcc: b@example.com' }],
    ['a mailbox quarantine', { quarantineType: 'M' }],
    ['no quarantine', { quarantineType: '' }],
    ['a file without a name', { quarantineType: 'F', quarantineLocation: null }],
    ['a file above the quarantine', { quarantineType: 'F', quarantineLocation: 'spam/../../etc/passwd' }],
    ['an absolute file', { quarantineType: 'Z', quarantineLocation: '/etc/passwd' }],
  ])('%s', (_, fields) => {
    expect(faultOf(releaseRequest(fields))).toMatch(/^[A-Za-z]/)
  })
})
