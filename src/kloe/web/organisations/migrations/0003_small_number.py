import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_named_by")]
    operations = [
        migrations.AddField(
            model_name="organisation",
            name="small_number",
            field=models.PositiveSmallIntegerField(
                default=10,
                validators=[
                    django.core.validators.MinValueValidator(5),
                    django.core.validators.MaxValueValidator(100),
                ],
            ),
        )
    ]
