"""What authors run: everything that is made from `solutions/`."""
