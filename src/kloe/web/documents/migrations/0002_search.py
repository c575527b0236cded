from django.db import migrations

CREATE = (
    """CREATE VIRTUAL TABLE documents_search USING fts5(
        scope, text, content='documents_documentpage', content_rowid='id',
        tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER documents_search_insert AFTER INSERT ON documents_documentpage BEGIN
        INSERT INTO documents_search(rowid, scope, text) VALUES (new.id, new.scope, new.text);
    END""",
    """CREATE TRIGGER documents_search_delete AFTER DELETE ON documents_documentpage BEGIN
        INSERT INTO documents_search(documents_search, rowid, scope, text)
            VALUES ('delete', old.id, old.scope, old.text);
    END""",
    """CREATE TRIGGER documents_search_update AFTER UPDATE ON documents_documentpage BEGIN
        INSERT INTO documents_search(documents_search, rowid, scope, text)
            VALUES ('delete', old.id, old.scope, old.text);
        INSERT INTO documents_search(rowid, scope, text) VALUES (new.id, new.scope, new.text);
    END""",
)
DROP = (
    "DROP TRIGGER IF EXISTS documents_search_insert",
    "DROP TRIGGER IF EXISTS documents_search_delete",
    "DROP TRIGGER IF EXISTS documents_search_update",
    "DROP TABLE IF EXISTS documents_search",
)
CREATE_PG = (
    "ALTER TABLE documents_documentpage ADD COLUMN search tsvector",
    "CREATE INDEX documents_search ON documents_documentpage USING gin (search)",
)
DROP_PG = ("ALTER TABLE documents_documentpage DROP COLUMN IF EXISTS search",)


def forward(apps, editor):
    for statement in CREATE if editor.connection.vendor == "sqlite" else CREATE_PG:
        editor.execute(statement)


def backward(apps, editor):
    for statement in DROP if editor.connection.vendor == "sqlite" else DROP_PG:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = [migrations.RunPython(forward, backward)]
