/** The rows of ISPConfig that make up allow and block lists, by whichever way they are reached. */
export interface ListRows {
  /** What the panel has about an address, `@domain` or `@.`; undefined: nothing. */
  userOf(owner: string): Promise<ListUser | undefined>
  /** The rows of both lists of a user. */
  rowsOf(user: ListUser): Promise<readonly ListRow[]>
  /** Those of one sender, in any letter case; perhaps more. */
  rowsFor(user: ListUser, email: string): Promise<readonly ListRow[]>
  add(user: ListUser, row: NewRow): Promise<void>
  update(user: ListUser, id: number, row: NewRow): Promise<void>
  /** A row that somebody else has removed meanwhile is no error. */
  remove(row: ListRow): Promise<void>
  /** Asks for all rights that the others take, and changes nothing. */
  prove(): Promise<void>
  /** The mailboxes that inherit their policy. @returns at most so many */
  inheriting(limit: number): Promise<readonly string[]>
}

/** A row of `spamfilter_users`. */
export interface ListUser {
  readonly id: number
  readonly email: string
  /** The server whose amavisd asks for it. A row of a list has the same. */
  readonly serverId: number
  /** 0: inherit. */
  readonly policyId: number
  /** Whom the row belongs to in the panel: `sys_user.userid` and `sys_group.groupid`. 1: its admin. */
  readonly sysUser: number
  readonly sysGroup: number
}

/** A row of `spamfilter_wblist`. */
export interface ListRow extends NewRow {
  readonly id: number
  readonly isActive: boolean
}

export interface NewRow {
  /** W: allowed, B: blocked. Others may have left it empty. */
  readonly wb: string
  readonly email: string
  readonly priority: number
}
