import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

import portal.broker  # noqa: F401  makes the portal:// transport known

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def wait_for_redis_like_a_worker(conf: Any, **_: Any) -> None:
    """Nobody waits for a worker: it bears a slow Redis, and comes back by itself to a lost one."""
    options = dict(conf.broker_transport_options)
    if options.pop("max_retries", None) is not None:  # Redis, not the broker of files
        conf.broker_transport_options = options | {
            "socket_timeout": 10,
            "socket_connect_timeout": 3,
        }
