import type { ReleaseRequest } from '../../../src/ground/amavisd/transport.ts'

/** A valid request, with the given fields changed. */
export const releaseRequest = (fields: Partial<ReleaseRequest> = {}): ReleaseRequest => ({
  mailId: 'MiknvCQf7W66',
  secretId: 'QXGqW57LghsN',
  partitionTag: 0,
  host: 'mx.example.com',
  quarantineType: 'Q',
  quarantineLocation: null,
  recipient: 'alice@example.com',
  requestedBy: 'reader@example.com',
  ...fields,
})
