import type { Request, Response } from 'express'
import type { SignedIn } from '../../../ground/sign-in/people.ts'
import { goTo } from './redirect.ts'
import type { SignInDoor } from './sign-in-door.ts'

/** Ends a session. `everywhere`: also those of the same person on all other devices. */
export async function signOut<Person extends SignedIn>(
  door: SignInDoor<Person>,
  { request, response, person }: SessionRequest<Person>,
  { everywhere }: { readonly everywhere: boolean },
): Promise<void> {
  const remoteAddress = request.ip ?? ''
  if (everywhere) await door.signIns.signOutEverywhere(person, remoteAddress)
  else await door.signIns.signOut(door.cookies.get(request, 'session') ?? '', person, remoteAddress)
  door.cookies.clear(response, 'session')
  goTo(door, response, door.signInPath)
}

export interface SessionRequest<Person extends SignedIn> {
  readonly request: Request
  readonly response: Response
  readonly person: Person
}
