
import doorstep.outreach.words
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('outreach', '0003_copies_of_documents'),
    ]

    operations = [
        migrations.AlterField(
            model_name='templateversion',
            name='kind',
            field=models.CharField(choices=[(doorstep.outreach.words.Kind['REMINDER'], doorstep.outreach.words.Kind['REMINDER']), (doorstep.outreach.words.Kind['PRE_DUE'], doorstep.outreach.words.Kind['PRE_DUE']), (doorstep.outreach.words.Kind['BROKEN_PROMISE'], doorstep.outreach.words.Kind['BROKEN_PROMISE']), (doorstep.outreach.words.Kind['LETTER'], doorstep.outreach.words.Kind['LETTER']), (doorstep.outreach.words.Kind['VISIT_NOTICE'], doorstep.outreach.words.Kind['VISIT_NOTICE']), (doorstep.outreach.words.Kind['APPOINTMENT'], doorstep.outreach.words.Kind['APPOINTMENT']), (doorstep.outreach.words.Kind['VISIT_CONFIRM'], doorstep.outreach.words.Kind['VISIT_CONFIRM']), (doorstep.outreach.words.Kind['VISIT_CHANGE'], doorstep.outreach.words.Kind['VISIT_CHANGE']), (doorstep.outreach.words.Kind['VISIT_WITHDRAWN'], doorstep.outreach.words.Kind['VISIT_WITHDRAWN']), (doorstep.outreach.words.Kind['VISIT_SET_OUT'], doorstep.outreach.words.Kind['VISIT_SET_OUT']), (doorstep.outreach.words.Kind['IMPOSTOR_WARNING'], doorstep.outreach.words.Kind['IMPOSTOR_WARNING']), (doorstep.outreach.words.Kind['CALL_SCRIPT'], doorstep.outreach.words.Kind['CALL_SCRIPT']), (doorstep.outreach.words.Kind['CONTACT_CHECK'], doorstep.outreach.words.Kind['CONTACT_CHECK']), (doorstep.outreach.words.Kind['DOCUMENT_COPY'], doorstep.outreach.words.Kind['DOCUMENT_COPY']), (doorstep.outreach.words.Kind['ANSWER'], doorstep.outreach.words.Kind['ANSWER'])], max_length=24),
        ),
    ]
