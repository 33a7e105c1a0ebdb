/** The ids and addresses of the examples in the OpenAPI document: one message, from the quarantine to its release. */
export const EXAMPLE = {
  reader: 'alice@example.com',
  mailId: 'aB3dE5fG7hJ9',
  heldRef: '0.aB3dE5fG7hJ9.1',
  bulkId: 'mJ2x9QkV0c7Zt4Rb8sLwYh3n',
  itemId: 'Zk3vPq8sLw0xTn5rYb2d',
  digestId: '1jjdk8740k8d2q7smh1vtn0c5',
  requestId: '1jjdk8n2c6h4q9v0t7mb3ars5',
  auditId: '1jjdk8rkgb5n0f3v9q2ma7ehr',
  receivedAt: '2026-03-11T02:14:07.000Z',
  digestAt: '2026-03-11T05:00:00.000Z',
  releasedAt: '2026-03-11T07:31:22.000Z',
} as const
