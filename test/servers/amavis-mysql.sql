-- amavisd's storage for MariaDB and MySQL, as printed in README.sql-mysql of amavisd 2.13 (its comments left out).
CREATE TABLE maddr (
  partition_tag integer      DEFAULT 0,
  id         bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
  email      varbinary(255)  NOT NULL,
  domain     varchar(255)    NOT NULL,
  CONSTRAINT part_email UNIQUE (partition_tag,email)
) ENGINE=InnoDB;
CREATE TABLE msgs (
  partition_tag integer     DEFAULT 0,
  mail_id     varbinary(16) NOT NULL,
  secret_id   varbinary(16) DEFAULT '',
  am_id       varchar(20)   NOT NULL,
  time_num    integer unsigned NOT NULL,
  time_iso    char(16)      NOT NULL,
  sid         bigint unsigned NOT NULL,
  policy      varchar(255)  DEFAULT '',
  client_addr varchar(255)  DEFAULT '',
  size        integer unsigned NOT NULL,
  originating char(1) DEFAULT ' ' NOT NULL,
  content     char(1),
  quar_type  char(1),
  quar_loc   varbinary(255) DEFAULT '',
  dsn_sent   char(1),
  spam_level float,
  message_id varchar(255)  DEFAULT '',
  from_addr  varchar(255)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin  DEFAULT '',
  subject    varchar(255)  CHARACTER SET utf8mb4 COLLATE utf8mb4_bin  DEFAULT '',
  host       varchar(255)  NOT NULL,
  PRIMARY KEY (partition_tag,mail_id)
) ENGINE=InnoDB;
CREATE INDEX msgs_idx_sid      ON msgs (sid);
CREATE INDEX msgs_idx_mess_id  ON msgs (message_id);
CREATE INDEX msgs_idx_time_num ON msgs (time_num);
CREATE TABLE msgrcpt (
  partition_tag integer    DEFAULT 0,
  mail_id    varbinary(16) NOT NULL,
  rseqnum    integer  DEFAULT 0   NOT NULL,
  rid        bigint unsigned NOT NULL,
  is_local   char(1)  DEFAULT ' ' NOT NULL,
  content    char(1)  DEFAULT ' ' NOT NULL,
  ds         char(1)  NOT NULL,
  rs         char(1)  NOT NULL,
  bl         char(1)  DEFAULT ' ',
  wl         char(1)  DEFAULT ' ',
  bspam_level float,
  smtp_resp  varchar(255)  DEFAULT '',
  PRIMARY KEY (partition_tag,mail_id,rseqnum)
) ENGINE=InnoDB;
CREATE INDEX msgrcpt_idx_mail_id  ON msgrcpt (mail_id);
CREATE INDEX msgrcpt_idx_rid      ON msgrcpt (rid);
CREATE TABLE quarantine (
  partition_tag integer    DEFAULT 0,
  mail_id    varbinary(16) NOT NULL,
  chunk_ind  integer unsigned NOT NULL,
  mail_text  blob          NOT NULL,
  PRIMARY KEY (partition_tag,mail_id,chunk_ind)
) ENGINE=InnoDB;
