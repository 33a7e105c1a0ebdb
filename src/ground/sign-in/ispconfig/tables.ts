/** The columns of ISPConfig's tables by which a mailbox signs in. */
export interface IspconfigSignInTables {
  readonly mail_user: {
    readonly mailuser_id: number
    readonly server_id: number
    readonly email: string
    readonly login: string
    /** crypt(3), or a scheme in braces and its hash. */
    readonly password: string
    readonly disableimap: string
  }
  readonly mail_domain: {
    readonly server_id: number
    readonly domain: string
    readonly active: string
  }
}
