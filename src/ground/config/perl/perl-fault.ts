/** Text that is no Perl, or none that we understand. */
export class PerlFault extends Error {
  /** It counts from 1. */
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}
