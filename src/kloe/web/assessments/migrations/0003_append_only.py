from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0002_initial")]
    operations = [append_only("assessments_revision", forbid_delete=False)]
