/** The server has said no to a mail, or its address cannot be written. The fields are named as nodemailer names them. */
export class Refusal extends Error {
  /** `EENVELOPE`: up to DATA. `EMESSAGE`: after the content. */
  readonly code: 'EENVELOPE' | 'EMESSAGE'
  readonly command: string
  /** The server's reply; undefined when nothing was written. */
  readonly response: string | undefined
  readonly responseCode: number | undefined

  /** @param words of the server, if there is a `responseCode` */
  constructor(code: 'EENVELOPE' | 'EMESSAGE', command: string, words: string, responseCode?: number) {
    super(words)
    this.name = 'Refusal'
    this.code = code
    this.command = command
    this.response = responseCode === undefined ? undefined : words
    this.responseCode = responseCode
  }
}
