// A thread of its own: comparing a password with its hash is slow on purpose. It gets one question after the other.
import { parentPort } from 'node:worker_threads'
import { isPassword } from './is-password.ts'
import type { PasswordHash } from './password-hash.ts'

/** What the thread is asked; it answers with a boolean. */
export interface HashQuestion {
  readonly password: string
  readonly hash: PasswordHash
}

parentPort?.on('message', ({ password, hash }: HashQuestion) => {
  parentPort?.postMessage(isPassword(password, hash))
})
