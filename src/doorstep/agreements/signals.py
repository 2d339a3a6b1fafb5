"""What other parts hear from plans. `instalments_settled` is sent inside the transaction in which
instalments were paid in full, with `instalment_ids` and `at`."""

from django.dispatch import Signal

instalments_settled = Signal()
