from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("indicators", "0003_computed")]
    operations = [append_only("indicators_computedresult", forbid_delete=False)]
