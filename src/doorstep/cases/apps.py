from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "doorstep.cases"
    label = "cases"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Bring the contacts when acts are looked for that should not have happened."""
        from doorstep.cases.contacts import contact_deeds, contacts_touched
        from doorstep.protections.signals import DeedSource, deed_sources

        deed_sources["contact"] = DeedSource(deeds=contact_deeds, touched=contacts_touched)
