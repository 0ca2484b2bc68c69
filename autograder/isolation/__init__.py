"""Linux's own means to confine a process, called directly: nothing is installed for it."""
