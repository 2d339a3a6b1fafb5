from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "doorstep.sites.portal"
    label = "portal"
