from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("inspections", "0001_initial")]
    operations = [
        append_only("inspections_stagemove", forbid_delete=False),
        append_only("inspections_broughtin", forbid_delete=False),
        append_only("inspections_broughttheme", forbid_delete=False),
    ]
