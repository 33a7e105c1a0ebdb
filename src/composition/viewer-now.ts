import type { ApiKeys } from '../desks/admin/api-keys/api-keys.ts'
import { keyIdOfActor, viewerOfKey } from '../desks/admin/api-keys/key-viewer.ts'
import type { Config } from '../ground/config/schema.ts'
import { adminsOf, adminViewer } from '../rules/reach/admins.ts'
import type { AdminViewer } from '../rules/reach/viewer.ts'

/**
 * Finds what an admin, or a program with a key of the API, may do now, by who they were when they began something.
 * Undefined: the configuration names them no more, or the key was revoked.
 */
export function viewerNowOf({ admins }: Pick<Config, 'admins'>, { still }: Pick<ApiKeys, 'still'>) {
  const people = adminsOf(admins)
  return async ({ actor }: AdminViewer): Promise<AdminViewer | undefined> => {
    const keyId = keyIdOfActor(actor)
    if (keyId === undefined) {
      const admin = people.still(actor.name)
      return admin && adminViewer(admin, actor.remoteAddress)
    }
    const key = await still(keyId)
    return key && viewerOfKey(key, actor.remoteAddress)
  }
}
