"""The example bank has agreements in every state, made once."""

from __future__ import annotations

from collections import Counter

import pytest

from doorstep.agreements.models import Agreement
from doorstep.cli.demo_signatures import agreements_make
from tests.agreements.conftest import own_files  # noqa: F401 (found here by its name)
from tests.agreements.signing import make_offer
from tests.factories import AT


@pytest.mark.django_db
@pytest.mark.usefixtures("own_files")
def test_approved_offers_become_agreements_once() -> None:
    for _number in range(5):
        make_offer()
    make_offer(state="submitted")
    seen: list[float] = []
    for _again in range(2):
        agreements_make(at=AT, progress=seen.append)
    states = Counter(Agreement.objects.values_list("state", flat=True))
    assert states == {"in_force": 3, "drafted": 1, "signing": 1}
    assert seen[-1] == 1.0
