/** What amavisd dies of while it handles a request. It answers with the message and the place in its own code. */
export class Failure extends Error {
  constructor(message: string) {
    super(`${message} at /usr/share/perl5/Amavis/In/AMPDP.pm line 308.`)
    this.name = 'Failure'
  }
}
