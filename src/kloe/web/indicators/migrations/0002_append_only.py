from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]
    operations = [append_only("indicators_indicatorresult", forbid_delete=False)]
