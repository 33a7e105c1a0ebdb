import type { AttachedFile, MessageContent } from './read-message.ts'

/** Reads messages where a hostile one can do no harm: see `createMessageReader`. */
export interface MessageReader extends AsyncDisposable {
  /** @param message without amavisd's head; its memory is handed over, and must not be used afterwards */
  content(message: Uint8Array<ArrayBuffer>): Promise<Read<MessageContent>>
  /** A document; undefined: the message has no HTML. */
  html(message: Uint8Array<ArrayBuffer>): Promise<Read<string | undefined>>
  attachment(message: Uint8Array<ArrayBuffer>, index: number): Promise<Read<AttachedFile | undefined>>
}

export type Read<Value> =
  | { readonly is: 'read'; readonly value: Value }
  /** It exceeds a limit of parts, headers, memory or time. */
  | { readonly is: 'too-large' }
  /** It could not be read. */
  | { readonly is: 'damaged' }
