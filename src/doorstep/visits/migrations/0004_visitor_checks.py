import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0002_door'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AskedCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=16)),
                ('key', models.CharField(max_length=32)),
                ('since', models.DateTimeField()),
                ('count', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='ImpostorReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=16, unique=True)),
                ('happened', models.CharField(choices=[('door', 'At the door'), ('phone', '电话'), ('message', 'In a message or letter'), ('other', 'In another way')], max_length=8)),
                ('happened_on', models.DateField()),
                ('words', models.TextField(max_length=2000)),
                ('work_id', models.CharField(blank=True, default='', max_length=64)),
                ('place', models.CharField(blank=True, default='', max_length=200)),
                ('contact', models.CharField(blank=True, default='', max_length=100)),
                ('language', models.CharField(max_length=10)),
                ('at', models.DateTimeField()),
                ('taken_at', models.DateTimeField(null=True)),
                ('finding', models.CharField(blank=True, choices=[('impostor', 'Somebody pretended to be from us'), ('ours', 'It was one of our people'), ('unclear', 'It could not be found out')], default='', max_length=8)),
                ('closed_how', models.CharField(blank=True, default='', max_length=1000)),
                ('closed_at', models.DateTimeField(null=True)),
                ('proposals', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='VisitorChallenge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('device', models.CharField(max_length=36)),
                ('nonce', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField()),
                ('until', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('shown_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(fields=['code'], name='appointment_by_code'),
        ),
        migrations.AddIndex(
            model_name='askedcount',
            index=models.Index(fields=['since'], name='asked_by_time'),
        ),
        migrations.AddConstraint(
            model_name='askedcount',
            constraint=models.UniqueConstraint(fields=('what', 'key', 'since'), name='asked_counted_once'),
        ),
        migrations.AddField(
            model_name='impostorreport',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impostorreport',
            name='taken_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impostorreport',
            name='told_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='impostorreport',
            name='visit',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='impostor_reports', to='visits.plannedvisit'),
        ),
        migrations.AddField(
            model_name='visitorchallenge',
            name='staff',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='visitorchallenge',
            name='visit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='challenges', to='visits.plannedvisit'),
        ),
        migrations.AddIndex(
            model_name='impostorreport',
            index=models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['-at'], name='impostor_report_open'),
        ),
        migrations.AddConstraint(
            model_name='impostorreport',
            constraint=models.CheckConstraint(condition=models.Q(('happened__in', ['door', 'phone', 'message', 'other'])), name='impostor_came_somehow'),
        ),
        migrations.AddConstraint(
            model_name='impostorreport',
            constraint=models.CheckConstraint(condition=models.Q(('words', ''), _negated=True), name='impostor_report_says_something'),
        ),
        migrations.AddConstraint(
            model_name='impostorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('taken_at__isnull', True), ('taken_by__isnull', True)), models.Q(('taken_at__isnull', False), ('taken_by__isnull', False)), _connector='OR'), name='impostor_report_taken_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='impostorreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True), ('finding', '')), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False), ('taken_at__isnull', False), ('finding__in', ['impostor', 'ours', 'unclear']), models.Q(('closed_how', ''), _negated=True)), _connector='OR'), name='impostor_report_closed_with_a_finding'),
        ),
        migrations.AddIndex(
            model_name='visitorchallenge',
            index=models.Index(condition=models.Q(('shown_at__isnull', False)), fields=['visit', '-shown_at'], name='challenge_shown_by_visit'),
        ),
        migrations.AddConstraint(
            model_name='visitorchallenge',
            constraint=models.CheckConstraint(condition=models.Q(('until__gt', models.F('made_at'))), name='challenge_lives_for_a_time'),
        ),
        migrations.AddConstraint(
            model_name='visitorchallenge',
            constraint=models.CheckConstraint(condition=models.Q(('shown_at__isnull', True), ('used_at__isnull', False), _connector='OR'), name='challenge_shown_was_used'),
        ),
    ]
