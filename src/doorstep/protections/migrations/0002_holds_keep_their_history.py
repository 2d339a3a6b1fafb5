"""A lender's hold that ended keeps its row; only one of a kind and first day stands at a time."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('protections', '0001_initial'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='hold',
            name='lender_hold_once',
        ),
        migrations.AddConstraint(
            model_name='hold',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True), ('source', 'lender')), fields=('borrower', 'kind', 'starts_on'), name='lender_hold_once'),
        ),
    ]
