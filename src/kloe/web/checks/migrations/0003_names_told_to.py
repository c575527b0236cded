from django.db import migrations, models


def told(apps, schema_editor):
    """Names written down before: told to those who do the check now, as they were until now."""
    Person = apps.get_model("checks", "CheckPerson")
    for row in Person.objects.select_related("check_of").iterator(chunk_size=500):
        check = row.check_of
        people = {check.assigned_id, row.added_by_id, *check.doers.values_list("pk", flat=True)}
        row.told_to = sorted(str(pk) for pk in people - {None})
        row.save(update_fields=["told_to"])


class Migration(migrations.Migration):

    dependencies = [
        ("checks", "0002_visits"),
    ]

    operations = [
        migrations.AddField(
            model_name="checkperson",
            name="told_to",
            field=models.JSONField(default=list),
        ),
        migrations.RunPython(told, migrations.RunPython.noop),
    ]
