from django.apps import AppConfig


class CycleConfig(AppConfig):
    name = "doorstep.cycle"
    label = "cycle"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of protections that change."""
        from doorstep.cycle import same_day  # noqa: F401 (connects its receiver)
