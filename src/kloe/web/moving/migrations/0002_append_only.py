from __future__ import annotations

from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("moving", "0001_initial")]
    operations = [append_only("moving_earlierevent", forbid_delete=False)]
