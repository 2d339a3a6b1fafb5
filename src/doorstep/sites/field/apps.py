from django.apps import AppConfig


class FieldConfig(AppConfig):
    name = "doorstep.sites.field"
    label = "field"
