import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('visits', '0005_records'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Recording',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('nonce', models.BinaryField()),
                ('wrapped', models.BinaryField()),
                ('media_type', models.CharField(max_length=100)),
                ('started_at', models.DateTimeField()),
                ('consent', models.UUIDField()),
                ('device', models.UUIDField()),
                ('device_key', models.BinaryField()),
                ('begun_at', models.DateTimeField()),
                ('state', models.CharField(choices=[('open', 'Not ended'), ('sealed', 'Verified'), ('broken', 'Not verified'), ('refused', 'Destroyed: no consent')], default='open', max_length=8)),
                ('size', models.BigIntegerField(default=0)),
                ('ended_at', models.DateTimeField(null=True)),
                ('count', models.IntegerField(null=True)),
                ('head', models.BinaryField(default=b'')),
                ('signature', models.BinaryField(default=b'')),
                ('gaps', models.JSONField(default=list)),
                ('why', models.CharField(blank=True, default='', max_length=300)),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('visit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='recordings', to='visits.plannedvisit')),
            ],
        ),
        migrations.CreateModel(
            name='Playback',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('purpose', models.CharField(max_length=300)),
                ('copy', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='playbacks', to='visits.recording')),
            ],
        ),
        migrations.CreateModel(
            name='RecordingSegment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.IntegerField()),
                ('sha', models.CharField(max_length=64)),
                ('started_ms', models.BigIntegerField()),
                ('length_ms', models.IntegerField()),
                ('size', models.IntegerField()),
                ('kept_at', models.DateTimeField()),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='segments', to='visits.recording')),
            ],
        ),
        migrations.CreateModel(
            name='SampleDraw',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('share', models.IntegerField()),
                ('seed', models.CharField(max_length=64)),
                ('found', models.IntegerField()),
                ('drawn_at', models.DateTimeField()),
                ('drawn_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='SampleReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sheet', models.IntegerField(null=True)),
                ('scores', models.JSONField(default=dict)),
                ('score', models.IntegerField(null=True)),
                ('low', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('scored_at', models.DateTimeField(null=True)),
                ('talked_due_on', models.DateField(null=True)),
                ('talked_at', models.DateTimeField(null=True)),
                ('talked_how', models.CharField(blank=True, default='', max_length=1000)),
                ('draw', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reviews', to='visits.sampledraw')),
                ('recording', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='review', to='visits.recording')),
                ('scored_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('talked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='Transcript',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField()),
                ('findings', models.JSONField(default=list)),
                ('edition', models.CharField(max_length=16)),
                ('attached_at', models.DateTimeField()),
                ('attached_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recording', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='transcripts', to='visits.recording')),
            ],
        ),
        migrations.AddIndex(
            model_name='recording',
            index=models.Index(fields=['visit', 'started_at'], name='recording_by_visit'),
        ),
        migrations.AddIndex(
            model_name='recording',
            index=models.Index(fields=['-started_at'], name='recording_by_time'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'sealed', 'broken', 'refused'])), name='recording_state_known'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('sealed', 'broken')), _negated=True), models.Q(('count__gte', 0), ('ended_at__isnull', False)), _connector='OR'), name='recording_ended_has_its_count'),
        ),
        migrations.AddConstraint(
            model_name='recording',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ('broken', 'refused')), _negated=True), models.Q(('why', ''), _negated=True), _connector='OR'), name='recording_not_verified_says_why'),
        ),
        migrations.AddIndex(
            model_name='playback',
            index=models.Index(fields=['recording', '-at'], name='playback_by_recording'),
        ),
        migrations.AddConstraint(
            model_name='recordingsegment',
            constraint=models.UniqueConstraint(fields=('recording', 'seq'), name='segment_once'),
        ),
        migrations.AddConstraint(
            model_name='recordingsegment',
            constraint=models.CheckConstraint(condition=models.Q(('length_ms__gte', 0), ('seq__gte', 0), ('size__gt', 0), ('started_ms__gte', 0)), name='segment_measures_fit'),
        ),
        migrations.AddConstraint(
            model_name='sampledraw',
            constraint=models.CheckConstraint(condition=models.Q(('last_day__gte', models.F('first_day')), ('share__range', (1, 1000))), name='draw_of_a_share_and_a_time'),
        ),
        migrations.AddConstraint(
            model_name='samplereview',
            constraint=models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__range', (0, 100)), ('scored_at__isnull', False), ('scored_by__isnull', False)), _connector='OR'), name='review_scored_by_somebody'),
        ),
        migrations.AddConstraint(
            model_name='samplereview',
            constraint=models.CheckConstraint(condition=models.Q(('low', False), models.Q(('score__isnull', False), ('talked_due_on__isnull', False)), _connector='OR'), name='review_low_is_talked_over'),
        ),
        migrations.AddConstraint(
            model_name='samplereview',
            constraint=models.CheckConstraint(condition=models.Q(('talked_at__isnull', True), models.Q(('talked_by__isnull', False), models.Q(('talked_how', ''), _negated=True), models.Q(('talked_by', models.F('scored_by')), _negated=True)), _connector='OR'), name='review_talked_over_by_another'),
        ),
        migrations.AddIndex(
            model_name='transcript',
            index=models.Index(fields=['recording', '-attached_at'], name='transcript_newest'),
        ),
    ]
