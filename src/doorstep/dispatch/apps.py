from django.apps import AppConfig


class DispatchConfig(AppConfig):
    name = "doorstep.dispatch"
    label = "dispatch"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Hear of protections that change and of instalments that are paid."""
        from doorstep.agreements.signals import instalments_settled
        from doorstep.dispatch.reminder_plans import instalments_heard
        from doorstep.dispatch.visit_withdrawing import protection_heard_of_visits
        from doorstep.dispatch.withdrawing import protection_heard
        from doorstep.protections.signals import protection_changed

        protection_changed.connect(protection_heard, dispatch_uid="dispatch.withdrawing")
        protection_changed.connect(
            protection_heard_of_visits, dispatch_uid="dispatch.visit_withdrawing"
        )
        instalments_settled.connect(instalments_heard, dispatch_uid="dispatch.reminder_plans")
