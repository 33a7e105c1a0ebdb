import type { Actor } from '../../../ground/audit/record.ts'
import { reachesAll } from '../../../rules/reach/reach.ts'
import type { AdminPermission, AdminViewer } from '../../../rules/reach/viewer.ts'
import type { ApiKey } from './api-keys.ts'
import { mayWith } from './api-scopes.ts'

/** Who acts by a key, as the quarantine's use-cases take them: an admin of the key's domains. */
export const viewerOfKey = (key: ApiKey, remoteAddress: string | null): AdminViewer => ({
  as: 'admin',
  actor: actorOfKey(key, remoteAddress),
  reach: key.reach,
  may: permissionsOf(key),
})

/** Who acts by a key, as the audit knows them. */
const actorOfKey = ({ id, name }: ApiKey, remoteAddress: string | null): Actor => ({
  kind: 'admin',
  name: `${name} (API key ${id})`,
  remoteAddress,
})

/** The id in the name of an actor whom `viewerOfKey` made; undefined for the name of anybody else. */
export const keyIdOfActor = ({ name }: Actor): string | undefined =>
  / \(API key ([0-9a-f]{12})\)$/.exec(name)?.[1]

/** As with admins, only who may see all domains opens a message with a virus. */
function permissionsOf({ scopes, reach }: ApiKey): readonly AdminPermission[] {
  const downloads = mayWith(scopes, 'held:download')
  return [
    ...(mayWith(scopes, 'held:read') ? (['read'] as const) : []),
    ...(mayWith(scopes, 'requests:decide') ? (['decide'] as const) : []),
    ...(mayWith(scopes, 'senders:write') ? (['senders'] as const) : []),
    ...(mayWith(scopes, 'held:release') ? (['release', 'learn'] as const) : []),
    ...(downloads ? (['download'] as const) : []),
    ...(downloads && reachesAll(reach) ? (['virus'] as const) : []),
  ]
}
