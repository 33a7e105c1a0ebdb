import type { Octets } from '../database/text.ts'

/**
 * amavis's four tables as this program sees them. Column names are those of amavisd's README.sql-mysql. A byte column
 * is read as a string or as a Buffer, depending on the backend and on the schema's age.
 * Source: README.sql-mysql, README.sql-pg of amavisd 2.13.
 */
export interface AmavisTables {
  msgs: MsgsTable
  msgrcpt: MsgrcptTable
  maddr: MaddrTable
  quarantine: QuarantineTable
}

interface MsgsTable {
  partition_tag: number
  mail_id: Octets
  secret_id: Octets | null
  am_id: string
  time_num: number
  time_iso: string | Date
  sid: number
  policy: string | null
  client_addr: string | null
  size: number
  originating: string
  content: string | null
  quar_type: string | null
  quar_loc: Octets | null
  dsn_sent: string | null
  spam_level: number | null
  message_id: Octets | null
  from_addr: Octets | null
  subject: Octets | null
  host: Octets
}

interface MsgrcptTable {
  partition_tag: number
  mail_id: Octets
  rseqnum: number
  rid: number
  is_local: string
  content: string
  ds: string
  rs: string
  bl: string | null
  wl: string | null
  bspam_level: number | null
  smtp_resp: string | null
}

interface MaddrTable {
  partition_tag: number
  id: number
  email: Octets
  domain: string
}

interface QuarantineTable {
  partition_tag: number
  mail_id: Octets
  chunk_ind: number
  mail_text: Octets
}
