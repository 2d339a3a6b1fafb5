"""Penalty interest (罚息): contract rate x multiple, by the day, on what is overdue.

Simple:      interest = base x rate x days / day count
Compounding: interest = base x (growth - 1), growth = (1 + rate / day count)^days      (daily)
             growth = (1 + 30 x rate / day count)^(days div 30) x (1 + (days mod 30) x rate / dc)
Both are capped at `penalty_cap_percent` of the base and rounded half up once, at the end.
Source of the form: People's Bank of China, notice on RMB loan rates (银发〔2003〕251号), art. 3:
penalty rate 30 % to 50 % above the contract rate, from the due day until paid.
"""

from __future__ import annotations

from doorstep.delinquency.policy import Compounding, Policy
from doorstep.kernel.money import divide_half_up

PPM = 1_000_000
GROWTH_SCALE = 10**12


def penalty_rate_ppm(*, annual_rate_ppm: int, penalty_percent: int | None, policy: Policy) -> int:
    """Yearly penalty rate in parts per million, rounded half up, never above the ceiling."""
    percent = policy.penalty_percent if penalty_percent is None else penalty_percent
    rate = divide_half_up(annual_rate_ppm * percent, 100)
    cap = policy.penalty_rate_cap_ppm
    return min(rate, cap) if cap else rate


def growth_factor(*, rate_ppm: int, days: int, policy: Policy) -> int:
    """Growth of one unit over `days`, as an integer of 10^-12, rounded half up once.

    Exact rationals inside, so that every engine that looks the factor up gets the same money.
    """
    unit = PPM * policy.penalty_day_count
    match policy.penalty_compounding:
        case Compounding.NONE:
            numerator, denominator = unit + rate_ppm * days, unit
        case Compounding.DAILY:
            numerator, denominator = (unit + rate_ppm) ** days, unit**days
        case Compounding.MONTHLY:
            months, rest = divmod(days, 30)
            numerator = (unit + 30 * rate_ppm) ** months * (unit + rest * rate_ppm)
            denominator = unit ** (months + 1)
    return divide_half_up(numerator * GROWTH_SCALE, denominator)


def penalty_interest(*, base: int, rate_ppm: int, days: int, policy: Policy) -> int:
    """Penalty interest in minor units on `base` minor units over `days` days (0 when days <= 0)."""
    if base <= 0 or days <= 0 or rate_ppm <= 0:
        return 0
    if policy.penalty_compounding is Compounding.NONE:
        interest = divide_half_up(base * rate_ppm * days, PPM * policy.penalty_day_count)
    else:
        growth = growth_factor(rate_ppm=rate_ppm, days=days, policy=policy)
        interest = divide_half_up(base * (growth - GROWTH_SCALE), GROWTH_SCALE)
    cap = policy.penalty_cap_percent
    return min(interest, divide_half_up(base * cap, 100)) if cap else interest
