import type { ApiKeys } from '../desks/admin/api-keys/api-keys.ts'
import { keyIdOfActor, viewerOfKey } from '../desks/admin/api-keys/key-viewer.ts'
import type { Config } from '../ground/config/schema.ts'
import { type Admins, adminsOf, adminViewer, helpDeskViewer } from '../rules/reach/admins.ts'
import { reaches } from '../rules/reach/reach.ts'
import { type HelpDeskViewer, isHelpDesk, type Viewer } from '../rules/reach/viewer.ts'

/**
 * Finds what somebody may do now, by who they were when they began something. Undefined: the configuration names them
 * no more, or the key of the API was revoked. A reader may do what they might: the directory is asked about each message.
 */
export function viewerNowOf({ admins }: Pick<Config, 'admins'>, { still }: Pick<ApiKeys, 'still'>) {
  const people = adminsOf(admins)
  return async (viewer: Viewer): Promise<Viewer | undefined> => {
    if (isHelpDesk(viewer)) return helpDeskNow(people, viewer)
    if (viewer.as === 'reader') return viewer
    const { actor } = viewer
    const keyId = keyIdOfActor(actor)
    if (keyId === undefined) {
      const admin = people.still(actor.name)
      return admin?.role === 'admin' ? adminViewer(admin, actor.remoteAddress) : undefined
    }
    const key = await still(keyId)
    return key && viewerOfKey(key, actor.remoteAddress)
  }
}

function helpDeskNow(people: Admins, { actor, visitor: { reader } }: HelpDeskViewer): Viewer | undefined {
  const person = people.still(actor.name)
  return person && reaches(person.reach, reader)
    ? helpDeskViewer(person, reader, actor.remoteAddress)
    : undefined
}
