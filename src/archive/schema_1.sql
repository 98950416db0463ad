-- A session file of hookglass. SELECT * FROM captures reads well.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY, -- schema, highest, pruned
  value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE capture (
  id           INTEGER PRIMARY KEY, -- its number, never used twice
  received_at  INTEGER NOT NULL,    -- microseconds since 1970-01-01T00:00:00Z, when the head was complete
  remote       TEXT NOT NULL,       -- the peer's address and port
  http         TEXT NOT NULL,       -- 0.9, 1.0, 1.1 or 2
  cut          TEXT,                -- why it is not complete: too_large, aborted, timeout, refused
  size         INTEGER NOT NULL,    -- bytes of the body that are kept
  announced    INTEGER,             -- bytes of the body that were announced, where that differs
  endpoint     TEXT,                -- the endpoint that matched
  provider     TEXT,                -- who sent it
  attempt      INTEGER,             -- which attempt of the sender it is, from 1
  method       TEXT,                -- this and the next four: the first 512 bytes, a BLOB where not UTF-8
  target       TEXT,
  content_type TEXT,
  event        TEXT,
  delivery_id  TEXT,
  sum          INTEGER NOT NULL,    -- CRC-32 of all above

  verdict      TEXT,                -- valid, invalid, unsigned, unchecked, unknown; NULL: not checked yet
  code         TEXT,                -- in what way it is invalid
  scheme       TEXT,                -- the scheme that was checked
  secret       TEXT,                -- the label of the secret, never its value
  age_s        INTEGER,             -- seconds from the signed timestamp to the arrival
  signed_ok    INTEGER,             -- whether the signature itself is right
  weak         TEXT,                -- what the scheme does not prove
  cause        TEXT,                -- why it is invalid, in sentences
  searching    INTEGER,             -- whether the cause was still looked for
  check_sum    INTEGER NOT NULL,

  status       INTEGER,             -- what was answered; 0: the connection ended before; NULL: not yet
  answered_by  TEXT,                -- default, endpoint, handshake, forward, rejected, refused
  handshake    TEXT,                -- which handshake
  answer_sum   INTEGER NOT NULL,

  marked       INTEGER NOT NULL,    -- 1: kept when others are pruned
  note         TEXT,                -- a person's own words; NULL: nothing was noted, marks included
  remark_sum   INTEGER NOT NULL
);

CREATE TABLE bytes (
  id       INTEGER PRIMARY KEY, -- the capture's number
  is_text  INTEGER NOT NULL,    -- whether the body is UTF-8 text
  sum      INTEGER NOT NULL,
  head     BLOB NOT NULL,       -- request line and header lines, as sent
  trailers BLOB NOT NULL,       -- the lines after a chunked body, as sent
  refusal  TEXT NOT NULL,       -- why the request was refused, a sentence
  body     BLOB NOT NULL        -- exact, its transfer coding removed
);

CREATE TABLE delivery (
  capture    INTEGER NOT NULL,
  attempt    INTEGER NOT NULL,  -- which sending of the capture, from 1
  kind       TEXT NOT NULL,     -- forward, replay, test
  url        TEXT NOT NULL,     -- the whole URL it was sent to
  started_at INTEGER NOT NULL,  -- microseconds since 1970-01-01T00:00:00Z
  took_ns    INTEGER,           -- nanoseconds until the end of the response; NULL: under way
  status     INTEGER,           -- of the response; NULL: none came
  error      TEXT,              -- why none came, a sentence
  reason     TEXT,              -- the response's reason phrase
  cut_from   INTEGER,           -- the whole size of the response's body where not all is kept
  sum        INTEGER NOT NULL,
  PRIMARY KEY (capture, attempt)
) WITHOUT ROWID;

CREATE TABLE reply (
  capture INTEGER NOT NULL,
  attempt INTEGER NOT NULL,
  headers BLOB NOT NULL,        -- lines "name: value" as sent; with bytes that do not fit there, see `fields`
  body    BLOB NOT NULL,
  sum     INTEGER NOT NULL,
  PRIMARY KEY (capture, attempt)
) WITHOUT ROWID;

INSERT INTO meta VALUES ('schema', 0), ('highest', 0), ('pruned', 0);

CREATE VIEW captures AS
SELECT c.id,
  strftime('%Y-%m-%dT%H:%M:%S', c.received_at / 1000000, 'unixepoch')
    || printf('.%06dZ', c.received_at % 1000000) AS received_at,
  c.method, c.target, c.provider, c.event, c.delivery_id, c.attempt, c.verdict, c.code, c.status, c.size,
  c.endpoint, c.content_type, c.remote, c.http, c.cut, c.scheme, c.secret, c.cause, c.answered_by,
  c.marked, c.note,
  CAST(b.head AS TEXT) AS head,
  CASE WHEN b.is_text THEN CAST(b.body AS TEXT) END AS body -- bodies that are no text are in bytes.body
FROM capture AS c LEFT JOIN bytes AS b ON b.id = c.id;

CREATE VIEW deliveries AS
SELECT d.capture, d.attempt,
  strftime('%Y-%m-%dT%H:%M:%S', d.started_at / 1000000, 'unixepoch')
    || printf('.%06dZ', d.started_at % 1000000) AS started_at,
  d.kind, d.url, d.status, d.error, d.took_ns / 1000000 AS ms,
  CAST(r.headers AS TEXT) AS headers, CAST(r.body AS TEXT) AS body
FROM delivery AS d LEFT JOIN reply AS r ON r.capture = d.capture AND r.attempt = d.attempt;
