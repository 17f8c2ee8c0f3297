-- A state as catalogsync wrote it in format 1: every kind of row, one call whose outcome is not known.
PRAGMA application_id = 1668576121;
PRAGMA user_version = 1;
CREATE TABLE bindings (address TEXT PRIMARY KEY, kind TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO "bindings" VALUES('content.A','content','{"images":[{"archived":true,"id":7,"name":"Front"}],"outputs":{"ar":{"model_sha256":"m","progress":"done","requested_at":"2026-02-03T04:05:03.000Z"}},"unicode":"u-1"}');
INSERT INTO "bindings" VALUES('product.A','product','{"bound_at":"2026-02-03T04:05:01.000Z","fields":{"name":"Arc","sku_id":"A"},"model_form":null,"model_sha256":"m","model_uploaded":false,"origin":"created","product_id":"7","protect":false,"stage":"finalized","thumbnail_form":null,"thumbnail_sha256":"t","thumbnail_uploaded":false,"unicode":"u-1"}');
INSERT INTO "bindings" VALUES('render.hero','render','{"fingerprint":"f","former_image_ids":[],"image_ids":[1,"two"],"progress":"running","render_id":"9","requested_at":"2026-02-03T04:05:04.000Z","sku_ids":["A"]}');
CREATE TABLE buried (unicode TEXT PRIMARY KEY) WITHOUT ROWID;
INSERT INTO "buried" VALUES('u-0');
CREATE TABLE files (
        path TEXT PRIMARY KEY, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, inode TEXT NOT NULL,
        sha256 TEXT NOT NULL, hashed_at_ns INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO "files" VALUES('/m/a.glb',12,5,'18446744073709551615','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',6);
CREATE TABLE journal (
        seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL, at TEXT NOT NULL, address TEXT NOT NULL, step TEXT NOT NULL,
        phase TEXT NOT NULL, intent_id TEXT NOT NULL, request TEXT NOT NULL, detail TEXT NOT NULL,
        open INTEGER NOT NULL);
INSERT INTO "journal" VALUES(1,'r-1','2026-02-03T04:05:02.000Z','product.B','create','intent','i-1','{"sku_id":"B"}','',1);
CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;
INSERT INTO "meta" VALUES('api_url','http://127.0.0.1:9');
INSERT INTO "meta" VALUES('catalog','lighting');
INSERT INTO "meta" VALUES('credits_available',995);
INSERT INTO "meta" VALUES('durations','{"ar":[61.5]}');
INSERT INTO "meta" VALUES('lineage','0e59c91a-9df6-42b1-a3ae-8b381e05264e');
INSERT INTO "meta" VALUES('plan_id','p-1');
INSERT INTO "meta" VALUES('serial',2);
CREATE TABLE runs (
        seq INTEGER PRIMARY KEY, run_id TEXT NOT NULL UNIQUE, command TEXT NOT NULL, started_at TEXT NOT NULL,
        ended_at TEXT NOT NULL, outcome TEXT NOT NULL, credits_spent INTEGER NOT NULL);
INSERT INTO "runs" VALUES(1,'r-1','apply','2026-02-03T04:05:00.000Z','2026-02-03T04:05:05.000Z','ok',12);
CREATE UNIQUE INDEX open_intents ON journal (intent_id) WHERE open = 1;
