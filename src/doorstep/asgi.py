"""The site as an ASGI application, for granian or any other server."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "doorstep.settings")
application = get_asgi_application()

# Each site watches the timers of crews as well, so that none needs a worker to be alive. Imported
# late: models exist only now.
from django.conf import settings  # noqa: E402

from doorstep.kernel import clock  # noqa: E402
from doorstep.visits.watch import Watch  # noqa: E402

Watch(home=settings.HOME, clock=clock.now).start()
