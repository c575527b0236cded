from django.db import migrations, models

from kloe.web.triggers import append_only

_KEPT = append_only("indicators_computedresult", forbid_delete=False)


class Migration(migrations.Migration):
    dependencies = [("indicators", "0004_computed_append_only")]
    operations = [
        # SQLite makes the table anew for a column, and its triggers go with the old one.
        migrations.RunPython(_KEPT.reverse_code, _KEPT.code),
        migrations.RemoveConstraint(model_name="computedresult", name="computed_once"),
        migrations.AddField(
            model_name="computedresult",
            name="threshold",
            field=models.PositiveSmallIntegerField(default=10),
        ),
        migrations.AddConstraint(
            model_name="computedresult",
            constraint=models.UniqueConstraint(
                fields=(
                    "organisation", "measure", "period_start", "period_end", "grouping", "group",
                    "definition_digest", "data_digest", "engine", "threshold",
                ),
                name="computed_once",
            ),
        ),
        append_only("indicators_computedresult", forbid_delete=False),
    ]  # fmt: skip
