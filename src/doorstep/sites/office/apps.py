from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "doorstep.sites.office"
    label = "office"
