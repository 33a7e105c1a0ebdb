/** An error that ends amavisd's handling of a request. amavisd answers with the message and the line of its code. */
export class Failure extends Error {
  constructor(message: string) {
    super(`${message} at /usr/share/perl5/Amavis/In/AMPDP.pm line 308.`)
    this.name = 'Failure'
  }
}
