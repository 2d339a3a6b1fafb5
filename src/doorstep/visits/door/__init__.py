"""What happens at a door, as plain rules: the steps in their order, what a device signs, the pass a
phone may trust without a network. Pure: no Django, clock and keys passed in."""
