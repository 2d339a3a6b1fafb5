from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    name = "doorstep.portfolio"
    label = "portfolio"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Makes the lookup known to every model."""
        from doorstep.portfolio import lookups  # noqa: F401
