from django.db import migrations

from kloe.web.triggers import append_only


class Migration(migrations.Migration):
    dependencies = [("publication", "0001_initial")]
    operations = [
        append_only("publication_publication", forbid_delete=False),
        append_only("publication_publishedfile", forbid_delete=False),
    ]
