import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('workforce', '0005_keys_of_machines'),
    ]

    operations = [
        migrations.CreateModel(
            name='DoorPin',
            fields=[
                ('staff', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='door_pin', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('salt', models.BinaryField()),
                ('iterations', models.IntegerField()),
                ('hash', models.BinaryField()),
                ('kept_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('hash'), 32), name='door_pin_hash_of_32_bytes'), models.CheckConstraint(condition=models.Q(('iterations__gte', 1)), name='door_pin_has_rounds')],
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('uuid', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('public_key', models.BinaryField(unique=True)),
                ('name', models.CharField(max_length=60)),
                ('bound_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
                ('revoked_why', models.CharField(blank=True, default='', max_length=300)),
                ('revoked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('staff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='devices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['staff', '-bound_at'], name='device_by_staff')],
                'constraints': [models.CheckConstraint(condition=django.db.models.lookups.Exact(django.db.models.functions.text.Length('public_key'), 32), name='device_key_of_32_bytes'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('bound_at'))), name='device_bound_for_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True), ('revoked_why', '')), models.Q(('revoked_at__isnull', False), ('revoked_by__isnull', False), models.Q(('revoked_why', ''), _negated=True)), _connector='OR'), name='device_revoked_by_somebody_for_a_reason')],
            },
        ),
    ]
