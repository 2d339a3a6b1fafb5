import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0004_screening'),
        ('visits', '0004_visitor_checks'),
        ('workforce', '0004_where_branches_are'),
    ]

    operations = [
        migrations.CreateModel(
            name='VisitRecord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('visit', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='record', to='visits.plannedvisit')),
                ('case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='visit_records', to='cases.case')),
                ('event', models.UUIDField(null=True, unique=True)),
                ('number', models.CharField(max_length=32, unique=True)),
                ('code', models.CharField(max_length=16)),
                ('outcome', models.CharField(choices=[('agreed', 'A plan was agreed'), ('promised', 'A payment was promised'), ('declined', 'Talked, nothing agreed'), ('not_met', 'Nobody met'), ('third_party', 'Met somebody else'), ('refused_talk', 'Did not want to talk'), ('left_early', 'Left early')], max_length=16)),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField()),
                ('visited_on', models.DateField()),
                ('written_at', models.DateTimeField()),
                ('filed_at', models.DateTimeField()),
                ('filed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('late', models.BooleanField(default=False)),
                ('late_why', models.CharField(blank=True, default='', max_length=16)),
                ('cleared', models.BooleanField(default=True)),
                ('language', models.CharField(max_length=10)),
                ('contents', models.JSONField(default=dict)),
                ('landed', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['case', '-began_at'], name='visit_record_by_case'), models.Index(fields=['-filed_at'], name='visit_record_by_filing')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['agreed', 'promised', 'declined', 'not_met', 'third_party', 'refused_talk', 'left_early'])), name='visit_record_outcome_known'), models.CheckConstraint(condition=models.Q(('ended_at__gte', models.F('began_at'))), name='visit_record_runs_forward'), models.CheckConstraint(condition=models.Q(models.Q(('late', False), ('late_why', '')), models.Q(('late', True), models.Q(('late_why', ''), _negated=True)), _connector='OR'), name='visit_record_late_says_why')],
            },
        ),
        migrations.CreateModel(
            name='VisitRecordDocument',
            fields=[
                ('record', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='document', serialize=False, to='visits.visitrecord')),
                ('sealed', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('sha256', ''), _negated=True), name='visit_record_document_has_its_digest')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='VisitSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='signatures', to='visits.visitrecord')),
                ('about', models.CharField(choices=[('report', 'The record'), ('agreement', 'The plan')], max_length=12)),
                ('party', models.CharField(max_length=16)),
                ('staff', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('name', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('sealed', models.BinaryField()),
                ('sha256', models.CharField(max_length=64)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('record', 'about', 'party'), name='visit_signature_once_a_party'), models.CheckConstraint(condition=models.Q(('about__in', ['report', 'agreement'])), name='visit_signature_of_something'), models.CheckConstraint(condition=models.Q(models.Q(('party', 'borrower'), ('staff__isnull', True)), models.Q(('party__in', ('agent', 'second_agent')), ('staff__isnull', False)), _connector='OR'), name='visit_signature_of_a_party')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='DeskNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('crew', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='desk_notes', to='visits.crewday')),
                ('visit', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='desk_notes', to='visits.plannedvisit')),
                ('text', models.CharField(max_length=300)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['crew', 'id'], name='desk_note_by_crew')],
                'constraints': [models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='desk_note_says_something')],
            },
        ),
    ]
