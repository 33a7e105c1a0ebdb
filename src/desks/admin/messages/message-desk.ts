import { given } from '../../given.ts'
import { type FindMessagesDeps, findMessages } from './find-messages.ts'

export type MessageDeskDeps = FindMessagesDeps

/** What admins see of the held messages. */
export const messageDesk = (deps: MessageDeskDeps) => ({
  list: given(deps, findMessages),
})

export type MessageDesk = ReturnType<typeof messageDesk>
