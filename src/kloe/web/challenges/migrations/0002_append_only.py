from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("challenges", "0001_initial")]
    operations = [
        append_only("challenges_draft", forbid_delete=False),
        append_only("challenges_draftchapter", forbid_delete=False),
        append_only("challenges_draftparagraph", forbid_delete=False),
        append_only("challenges_drafttime", forbid_delete=False),
    ]
