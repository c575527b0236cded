from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("moderation", "0001_initial")]
    operations = [
        append_only("moderation_entry", forbid_delete=False),
        append_only("moderation_givenfeedback", forbid_delete=False),
    ]
