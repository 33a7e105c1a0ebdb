/**
 * amavisd's storage tables for SQLite: README.sql-pg of amavisd 2.13 with the changes that it lists for SQLite, and the
 * stock indexes.
 */
export const AMAVIS_SCHEMA = `
CREATE TABLE maddr (
  partition_tag integer      DEFAULT 0,
  id            integer      PRIMARY KEY AUTOINCREMENT,
  email         varchar(255) NOT NULL,
  domain        varchar(255) NOT NULL,
  CONSTRAINT part_email UNIQUE (partition_tag, email)
);
CREATE TABLE msgs (
  partition_tag integer      DEFAULT 0,
  mail_id       varchar(16)  NOT NULL,
  secret_id     varchar(16)  DEFAULT '',
  am_id         varchar(20)  NOT NULL,
  time_num      integer      NOT NULL CHECK (time_num >= 0),
  time_iso      char(16)     NOT NULL,
  sid           integer      NOT NULL CHECK (sid >= 0),
  policy        varchar(255) DEFAULT '',
  client_addr   varchar(255) DEFAULT '',
  size          integer      NOT NULL CHECK (size >= 0),
  originating   char(1)      DEFAULT ' ' NOT NULL,
  content       char(1),
  quar_type     char(1),
  quar_loc      varchar(255) DEFAULT '',
  dsn_sent      char(1),
  spam_level    real,
  message_id    varchar(255) DEFAULT '',
  from_addr     varchar(255) DEFAULT '',
  subject       varchar(255) DEFAULT '',
  host          varchar(255) NOT NULL,
  PRIMARY KEY (partition_tag, mail_id)
);
CREATE INDEX msgs_idx_sid      ON msgs (sid);
CREATE INDEX msgs_idx_mess_id  ON msgs (message_id);
CREATE INDEX msgs_idx_time_num ON msgs (time_num);
CREATE TABLE msgrcpt (
  partition_tag integer      DEFAULT 0,
  mail_id       varchar(16)  NOT NULL,
  rseqnum       integer      DEFAULT 0   NOT NULL,
  rid           integer      NOT NULL,
  is_local      char(1)      DEFAULT ' ' NOT NULL,
  content       char(1)      DEFAULT ' ' NOT NULL,
  ds            char(1)      NOT NULL,
  rs            char(1)      NOT NULL,
  bl            char(1)      DEFAULT ' ',
  wl            char(1)      DEFAULT ' ',
  bspam_level   real,
  smtp_resp     varchar(255) DEFAULT '',
  PRIMARY KEY (partition_tag, mail_id, rseqnum)
);
CREATE INDEX msgrcpt_idx_mail_id ON msgrcpt (mail_id);
CREATE INDEX msgrcpt_idx_rid     ON msgrcpt (rid);
CREATE TABLE quarantine (
  partition_tag integer DEFAULT 0,
  mail_id       varchar(16) NOT NULL,
  chunk_ind     integer     NOT NULL CHECK (chunk_ind >= 0),
  mail_text     blob        NOT NULL,
  PRIMARY KEY (partition_tag, mail_id, chunk_ind)
);
`

/**
 * The tables that amavisd asks about recipients and senders, made in the same way. Of `policy`, only the columns that have
 * to be there.
 */
export const LOOKUP_SCHEMA = `
CREATE TABLE policy (
  id          integer PRIMARY KEY AUTOINCREMENT,
  policy_name varchar(32)
);
CREATE TABLE users (
  id        integer PRIMARY KEY AUTOINCREMENT,
  priority  integer NOT NULL DEFAULT 7,
  policy_id integer NOT NULL DEFAULT 1 CHECK (policy_id >= 0) REFERENCES policy(id),
  email     varchar(255) NOT NULL UNIQUE,
  fullname  varchar(255) DEFAULT NULL
);
CREATE TABLE mailaddr (
  id       integer PRIMARY KEY AUTOINCREMENT,
  priority integer NOT NULL DEFAULT 9,
  email    varchar(255) NOT NULL UNIQUE
);
CREATE TABLE wblist (
  rid integer NOT NULL CHECK (rid >= 0) REFERENCES users(id),
  sid integer NOT NULL CHECK (sid >= 0) REFERENCES mailaddr(id),
  wb  varchar(10) NOT NULL,
  PRIMARY KEY (rid, sid)
);
INSERT INTO policy (id, policy_name) VALUES (1, 'Standard');
INSERT INTO users (priority, policy_id, email, fullname) VALUES (5, 1, '@example.com', 'Everybody');
`
